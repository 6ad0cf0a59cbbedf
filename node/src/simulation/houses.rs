//! The organizer of a simulated sale keeps maps of houses beside it: each is posted to a node of its choice until that is answered,
//! and from then on it is there, on any node, to the letter.

use std::time::Duration;

use api::seatmap::CreatedSeatmap;
use rand::RngExt as _;
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom as _;
use tokio::time::sleep;

use super::network::{self, Question};
use super::sale::Sale;
use super::watch;

/// Between two houses, in milliseconds.
const PAUSE_MS: std::ops::RangeInclusive<u64> = 300..=3_000;
/// Between two attempts to read one.
const AGAIN: Duration = Duration::from_millis(50);
/// How many sections a house has at most: as many thousand bytes, and some parts.
const SECTIONS_MAX: usize = 100;

/// A house that was acknowledged.
pub(super) struct House {
    id: String,
    /// As anyone is to read it.
    text: String,
}

impl Sale {
    /// Keeps houses until the sale closes, reads some of them, and gives all.
    pub(super) async fn keep_houses(&self, mut rng: SmallRng) -> Vec<House> {
        let mut houses: Vec<House> = Vec::new();
        let mut count = 0;
        while !self.closing.get() {
            sleep(Duration::from_millis(rng.random_range(PAUSE_MS))).await;
            if self.resting.get() {
                continue;
            }
            count += 1;
            let body = house(rng.random_range(1..=SECTIONS_MAX), rng.random_range(0..8));
            let key = format!("house-{count}");
            let answer = self.insist("POST /v1/seatmaps", "organizer", &key, &body, &mut rng).await;
            let text = seatmap::Seatmap::from_json(body.as_bytes()).expect("a map").canonical();
            match (answer.status, serde_json::from_str::<CreatedSeatmap>(&answer.body)) {
                (200 | 201, Ok(made)) => houses.push(House { id: made.id, text }),
                _ => watch::violated(format!("a house was answered with {answer:?}")),
            }
            if let Some(house) = houses.choose(&mut rng) {
                let line = format!("GET /v1/seatmaps/{}", house.id);
                let answer = self.insist(&line, "organizer", "", "", &mut rng).await;
                house.judge(&answer);
            }
        }
        houses
    }

    /// Every house that was acknowledged is there, on every node.
    pub(super) async fn judge_houses(&self, houses: &[House]) {
        for (house, address) in
            houses.iter().flat_map(|house| self.at.clients.iter().map(move |at| (house, at)))
        {
            let line = format!("GET /v1/seatmaps/{}", house.id);
            let question = Question { line: &line, token: self.token("organizer"), key: "", body: "" };
            loop {
                match network::ask(*address, question).await {
                    Some(answer) if answer.status < 500 => break house.judge(&answer),
                    Some(_) | None => sleep(AGAIN).await,
                }
            }
        }
    }
}

impl House {
    fn judge(&self, answer: &network::Answer) {
        if answer.status != 200 || answer.body != self.text {
            let (id, status, len) = (&self.id, answer.status, answer.body.len());
            watch::violated(format!("P2: the house {id} was acknowledged, and then: {status}, {len} bytes"));
        }
    }
}

/// A house of so many sections, whose names are long. Some are built twice.
fn house(sections: usize, seed: u8) -> String {
    let name = char::from(b'a' + seed).to_string().repeat(1_000);
    let section = |number: usize| {
        format!(
            r#"{{"key":"s{number}","name":"{name}","rows":[{{"key":"A","seats":["1-20"],"category":"a"}}]}}"#
        )
    };
    let sections: Vec<_> = (0..sections).map(section).collect();
    format!(r#"{{"categories":[{{"key":"a"}}],"sections":[{}]}}"#, sections.join(","))
}
