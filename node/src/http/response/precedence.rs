//! Which of several problems is told: the first in the contract's order of codes, however many a request has.

use api::problem::FieldError;
use smallvec::SmallVec;

use super::problem::ProblemResponse;

/// Results of which each may have found something wrong, as a tuple.
pub(crate) trait Found {
    /// What there is where nothing is wrong.
    type Values;

    /// What each has found wrong.
    fn wrong(&self) -> impl Iterator<Item = Option<&ProblemResponse>>;

    fn values(self) -> Result<Self::Values, ProblemResponse>;
}

macro_rules! found {
    ($($value:ident $result:ident),+) => {
        impl<$($value),+> Found for ($(Result<$value, ProblemResponse>,)+) {
            type Values = ($($value,)+);

            fn wrong(&self) -> impl Iterator<Item = Option<&ProblemResponse>> {
                let ($($result,)+) = self;
                [$($result.as_ref().err()),+].into_iter()
            }

            fn values(self) -> Result<Self::Values, ProblemResponse> {
                let ($($result,)+) = self;
                Ok(($($result?,)+))
            }
        }
    };
}

found!(A a);
found!(A a, B b);
found!(A a, B b, C c);
found!(A a, B b, C c, D d);
found!(A a, B b, C c, D d, E e, F f);

/// All that was found, if nothing is wrong; otherwise the problem that is told.
pub(crate) fn all<T: Found>(found: T) -> Result<T::Values, ProblemResponse> {
    first(found.wrong())?;
    found.values()
}

/// Where several problems apply, the one that the contract's order of codes puts first.
pub(crate) fn first<'problem>(
    found: impl IntoIterator<Item = Option<&'problem ProblemResponse>>,
) -> Result<(), ProblemResponse> {
    let found: SmallVec<[&ProblemResponse; 8]> = found.into_iter().flatten().collect();
    let Some(first) = found.iter().min_by_key(|response| response.code()) else { return Ok(()) };
    let alike = found.iter().filter(|response| response.code() == first.code());
    let errors: Vec<FieldError> = alike.flat_map(|response| response.errors().iter().cloned()).collect();
    // Every place that is at fault is told at once.
    Err(if errors.len() <= 1 { (*first).clone() } else { ProblemResponse::body(errors) })
}

#[cfg(test)]
mod tests {
    use api::problem::Code;

    use super::*;

    #[test]
    fn the_first_in_the_order_of_codes_is_given() {
        let wrong = |code| Err::<u8, _>(ProblemResponse::new(code, ""));
        let found = (wrong(Code::InvalidRequest), Ok(7), wrong(Code::Forbidden), wrong(Code::BodyTooLarge));
        assert_eq!(all(found).expect_err("something applies").code(), Code::Forbidden);
        assert_eq!(all((Ok(1), Ok("b"))).expect("nothing applies"), (1, "b"));

        let parameter = |name| Err::<u8, _>(ProblemResponse::parameter(name, "is bad"));
        let given = all((parameter("limit"), parameter("status"))).expect_err("something applies");
        assert_eq!(given.errors().len(), 2, "{given:?}");
    }
}
