//! Components: what stands between a `BEGIN` and its `END`, as a tree.

use crate::Fault;
use crate::line::{Line, Slip};

const CALENDAR: &str = "VCALENDAR";
/// What stands in a calendar and in nothing else: where one of these begins, the one before has lost its end.
const OUTER: [&str; 6] = ["VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VTIMEZONE", "VAVAILABILITY"];
/// A calendar, an event, an alarm: nothing is nested deeper than this.
const DEPTH_MAX: usize = 8;
/// A file of which more lines than these cannot be read is something else.
const SLIPS_MAX: usize = 1_000;

/// A component: a calendar, an event, a time zone, or what stands in these.
#[derive(Debug)]
pub(crate) struct Component {
    /// `VEVENT`, in capitals.
    pub(crate) name: String,
    /// The line of its `BEGIN`.
    pub(crate) line: usize,
    /// Its properties, in the order of the file.
    pub(crate) properties: Vec<Line>,
    /// Lines of its own that cannot be read.
    pub(crate) slips: Vec<Slip>,
    /// The components inside it (an alarm has a `DURATION` of its own).
    pub(crate) inner: Vec<Component>,
    /// Why it is not whole: it has no end of its own.
    pub(crate) broken: Option<Fault>,
}

/// The calendars of a file, and what is wrong between its components.
#[derive(Default)]
pub(crate) struct Tree {
    pub(crate) calendars: Vec<Component>,
    pub(crate) faults: Vec<Fault>,
    open: Vec<Component>,
    slips: usize,
}

impl Component {
    /// The property of this name, which may stand here once at most.
    pub(crate) fn single(&self, name: &str) -> Result<Option<&Line>, Fault> {
        let mut all = self.all(name);
        let first = all.next();
        match (first, all.next()) {
            (Some(first), Some(second)) => {
                Err(second.fault(format!("{name} is given twice; the first is on line {}", first.number)))
            }
            _ => Ok(first),
        }
    }

    /// The properties of this name.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &Line> {
        self.properties.iter().filter(move |line| line.name == name)
    }

    /// Why it is not whole, or one of those inside it.
    pub(crate) fn is_broken(&self) -> Option<&Fault> {
        self.broken.as_ref().or_else(|| self.inner.iter().find_map(Self::is_broken))
    }

    fn fault(&self, when: &str) -> Fault {
        Fault::new(self.line, format!("the {} that begins here is not closed {when}", self.name))
    }
}

impl Tree {
    /// Reads a file. What cannot be read costs the component in which it stands; a file that is no calendar is refused.
    pub(crate) fn read(lines: impl Iterator<Item = Result<Line, Slip>>) -> Result<Self, Fault> {
        let mut tree = Self::default();
        for line in lines {
            if tree.is_empty() {
                let begins = |line: &Line| line.name == "BEGIN" && names(line) == CALENDAR;
                let number = line.as_ref().map_or_else(|slip| slip.fault.line, |line| line.number);
                if !line.as_ref().is_ok_and(begins) {
                    return Err(not_a_calendar(number));
                }
            }
            match line {
                Ok(line) if line.name == "BEGIN" => tree.begin(&line)?,
                Ok(line) if line.name == "END" => tree.end(&line)?,
                Ok(line) => tree.property(line)?,
                Err(slip) => tree.slip(slip)?,
            }
        }
        if tree.is_empty() {
            return Err(not_a_calendar(1));
        }
        tree.close(0, "before the file ends");
        Ok(tree)
    }

    fn is_empty(&self) -> bool {
        self.calendars.is_empty() && self.open.is_empty()
    }

    /// A calendar stands by itself, an event stands in a calendar, and the rest stands anywhere in one.
    fn begin(&mut self, line: &Line) -> Result<(), Fault> {
        let name = names(line);
        let when = || format!("before {name} begins on line {}", line.number);
        if name == CALENDAR {
            self.close(0, &when());
        } else if OUTER.contains(&name.as_str()) && self.open.len() > 1 {
            self.close(1, &when());
        }
        if self.open.len() == DEPTH_MAX {
            return self.note(line.fault(format!("{name} is nested too deep")));
        }
        if self.open.is_empty() && name != CALENDAR {
            self.note(line.fault(format!("{name} stands outside of BEGIN:VCALENDAR and END:VCALENDAR")))?;
        }
        let (properties, slips, inner) = (Vec::new(), Vec::new(), Vec::new());
        self.open.push(Component { name, line: line.number, properties, slips, inner, broken: None });
        Ok(())
    }

    fn end(&mut self, line: &Line) -> Result<(), Fault> {
        let name = names(line);
        let Some(depth) = self.open.iter().rposition(|open| open.name == name) else {
            return self.note(line.fault(format!("{name} ends here and did not begin")));
        };
        self.close(depth + 1, &format!("before {name} ends on line {}", line.number));
        self.pop();
        Ok(())
    }

    fn property(&mut self, line: Line) -> Result<(), Fault> {
        match self.open.last_mut() {
            Some(innermost) => innermost.properties.push(line),
            None => self.note(line.fault("this stands outside of BEGIN:VCALENDAR and END:VCALENDAR"))?,
        }
        Ok(())
    }

    fn slip(&mut self, slip: Slip) -> Result<(), Fault> {
        match self.open.last_mut() {
            Some(innermost) => {
                self.slips += 1;
                innermost.slips.push(slip);
            }
            None => self.faults.push(slip.fault),
        }
        self.check_count()
    }

    fn note(&mut self, fault: Fault) -> Result<(), Fault> {
        self.faults.push(fault);
        self.check_count()
    }

    fn check_count(&self) -> Result<(), Fault> {
        let count = self.slips + self.faults.len();
        let problem = || format!("this is no iCalendar file: more than {SLIPS_MAX} lines cannot be read");
        if count <= SLIPS_MAX { Ok(()) } else { Err(Fault::new(1, problem())) }
    }

    /// Closes what is open below `depth`. Whoever is innermost has lost its end.
    fn close(&mut self, depth: usize, when: &str) {
        let mut lost = self.open.len() > depth;
        while self.open.len() > depth {
            if let Some(innermost) = self.open.last_mut().filter(|_| lost) {
                innermost.broken = Some(innermost.fault(when));
            }
            lost = false;
            self.pop();
        }
    }

    fn pop(&mut self) {
        let Some(done) = self.open.pop() else { return };
        match self.open.last_mut() {
            Some(outer) => outer.inner.push(done),
            // What stands outside of every calendar has been told.
            None if done.name == CALENDAR => self.calendars.push(done),
            None => {}
        }
    }
}

/// The component that a `BEGIN` or an `END` names.
fn names(line: &Line) -> String {
    line.value.trim().to_ascii_uppercase()
}

fn not_a_calendar(line: usize) -> Fault {
    Fault::new(line, "this is no iCalendar file: it must begin with BEGIN:VCALENDAR")
}
