//! The rounds as rows of a list for people.

use std::collections::HashMap;

use super::round_tree::tree_order;
use super::{ResultId, Round, RoundFilter, RoundId, Rounds, TreePlace};

/// The order of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoundOrder {
    /// As they were made, the latest last.
    Made,
    /// Each below the round that it came from.
    Tree,
}

/// One round in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoundRow {
    /// The round's number.
    pub round: RoundId,
    /// What it started from.
    pub origin: RoundOrigin,
    /// The picture that stands for it: the one that another round came from last, else one with a star, else the
    /// first. `None` before one is finished.
    pub cover: Option<usize>,
    /// The places of its results that other rounds came from.
    pub chosen: Vec<usize>,
    /// Whether any of its results has a star.
    pub starred: bool,
    /// Its place in the tree; in the order in which rounds were made it says nothing.
    pub place: TreePlace,
}

/// What a round started from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoundOrigin {
    /// Noise alone.
    Noise,
    /// A canvas that came from no result that the document knows.
    Canvas,
    /// A canvas that came from a result.
    Result {
        /// The result.
        id: ResultId,
        /// Whether the result or its round was deleted.
        deleted: bool,
    },
}

/// The rounds that a filter lists, in this order. In the tree a round whose parent is not listed stands below the
/// nearest earlier one that is.
pub fn round_rows(rounds: &Rounds, filter: &RoundFilter, order: RoundOrder) -> Vec<RoundRow> {
    let mut chosen: HashMap<RoundId, Vec<usize>> = HashMap::new();
    for parent in rounds.iter().filter_map(|round| round.parent) {
        let images = chosen.entry(parent.round).or_default();
        // The latest comes last.
        images.retain(|image| *image != parent.image);
        images.push(parent.image);
    }
    let listed = rounds.iter().filter(|round| filter.matches(round));
    let rows: Vec<RoundRow> =
        listed.map(|round| row(rounds, round, chosen.remove(&round.id).unwrap_or_default())).collect();
    match order {
        RoundOrder::Made => rows,
        RoundOrder::Tree => in_tree(rounds, rows),
    }
}

fn row(rounds: &Rounds, round: &Round, mut chosen: Vec<usize>) -> RoundRow {
    let has = |image: &&usize| rounds.result(ResultId { round: round.id, image: **image }).is_some();
    let starred = round.results().find(|(_, result)| result.starred).map(|(image, _)| image);
    let first = || round.results().next().map(|(image, _)| image);
    let cover = chosen.iter().rev().find(has).copied().or(starred).or_else(first);
    chosen.sort_unstable();
    RoundRow {
        round: round.id,
        origin: origin(rounds, round),
        cover,
        chosen,
        starred: starred.is_some(),
        place: TreePlace::default(),
    }
}

fn origin(rounds: &Rounds, round: &Round) -> RoundOrigin {
    match (round.parent, round.start) {
        (Some(id), _) if rounds.has_had(id.round) => RoundOrigin::Result { id, deleted: rounds.result(id).is_none() },
        // The result that it came from is in a round that left nothing behind, as in a salvaged document.
        (Some(_), _) | (None, Some(_)) => RoundOrigin::Canvas,
        (None, None) => RoundOrigin::Noise,
    }
}

fn in_tree(rounds: &Rounds, rows: Vec<RoundRow>) -> Vec<RoundRow> {
    let parents: Vec<Option<usize>> = rows.iter().map(|row| nearest_listed(rounds, &rows, row.round)).collect();
    let mut rows: Vec<Option<RoundRow>> = rows.into_iter().map(Some).collect();
    let order = tree_order(&parents);
    order.into_iter().filter_map(|(at, place)| Some(RoundRow { place, ..rows[at].take()? })).collect()
}

/// The index of the nearest row that a round came from, over rounds that are deleted or not listed.
fn nearest_listed(rounds: &Rounds, rows: &[RoundRow], mut round: RoundId) -> Option<usize> {
    // A parent always has a lower number; a damaged file could say otherwise.
    while let Some(parent) = rounds.parent_of(round).filter(|parent| parent.round < round) {
        round = parent.round;
        if let Ok(at) = rows.binary_search_by_key(&round, |row| row.round) {
            return Some(at);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::tests::{document, make_round, sheet};
    use crate::document::{Deletable, Document};
    use crate::paint::Rgb;

    /// Rounds 1 to 4, where 2 to 4 began from the result of the previous round, and 5 from the result of 1.
    fn branched() -> Document {
        let mut document = document();
        document.settings_mut().batch = 1;
        for seed in 1..=5 {
            let from = match seed {
                1 => None,
                5 => Some(1),
                _ => Some(seed as usize - 1),
            };
            if let Some(round) = from {
                document.paint_over(ResultId { round, image: 0 }, sheet(64, 64, Rgb([seed as u8; 3])));
            }
            document.settings_mut().prompt = format!("prompt {seed}");
            make_round(&mut document, seed);
        }
        document
    }

    fn numbers(document: &Document, filter: &RoundFilter, order: RoundOrder) -> Vec<(usize, usize)> {
        let rows = round_rows(document.rounds(), filter, order);
        rows.iter().map(|row| (row.round, row.place.column)).collect()
    }

    #[test]
    fn the_tree_has_branches_below_the_round_they_came_from() {
        let document = branched();
        let all = RoundFilter::default();
        assert_eq!(numbers(&document, &all, RoundOrder::Made), [1, 2, 3, 4, 5].map(|number| (number, 0)));
        assert_eq!(numbers(&document, &all, RoundOrder::Tree), [(1, 0), (5, 1), (2, 0), (3, 0), (4, 0)]);
        let rows = round_rows(document.rounds(), &all, RoundOrder::Tree);
        assert_eq!((rows[0].origin, &rows[0].chosen[..], rows[0].cover), (RoundOrigin::Canvas, &[0][..], Some(0)));
        let first = ResultId { round: 1, image: 0 };
        assert_eq!(rows[1].origin, RoundOrigin::Result { id: first, deleted: false });
    }

    #[test]
    fn children_of_what_was_deleted_or_is_not_listed_stand_below_the_nearest_ancestor() {
        let mut document = branched();
        document.delete(Deletable::Round(2)).expect("deletes");
        let all = RoundFilter::default();
        assert_eq!(numbers(&document, &all, RoundOrder::Tree), [(1, 0), (5, 1), (3, 0), (4, 0)]);
        let rows = round_rows(document.rounds(), &all, RoundOrder::Made);
        let second = ResultId { round: 2, image: 0 };
        assert_eq!(rows[1].origin, RoundOrigin::Result { id: second, deleted: true });
        document.rounds_mut().star(ResultId { round: 4, image: 0 }, true);
        document.rounds_mut().star(ResultId { round: 1, image: 0 }, true);
        let starred = RoundFilter { starred: true, ..RoundFilter::default() };
        assert_eq!(numbers(&document, &starred, RoundOrder::Tree), [(1, 0), (4, 0)]);
        let text = RoundFilter { text: "prompt 3".into(), ..RoundFilter::default() };
        assert_eq!(numbers(&document, &text, RoundOrder::Tree), [(3, 0)]);
    }

    #[test]
    fn the_cover_is_what_was_chosen_last_then_what_has_a_star_then_the_first() {
        let mut document = document();
        document.settings_mut().batch = 3;
        let (round, _) = document.begin_round(1, "m".into());
        let id = |image| ResultId { round, image };
        for image in 0..3 {
            let recipe = crate::engine::Recipe {
                settings: document.settings().clone(),
                seed: 1,
                model: "m".into(),
                from_picture: true,
                ..Default::default()
            };
            document.rounds_mut().finished(id(image), std::sync::Arc::new(image::RgbImage::new(8, 8)), recipe.into());
        }
        document.rounds_mut().end(round);
        let cover = |document: &Document| {
            let rows = round_rows(document.rounds(), &RoundFilter::default(), RoundOrder::Made);
            (rows[0].cover, rows[0].chosen.clone())
        };
        assert_eq!(cover(&document), (Some(0), vec![]));
        document.rounds_mut().star(id(1), true);
        assert_eq!(cover(&document), (Some(1), vec![]));
        for image in [2, 0, 2] {
            document.paint_over(id(image), sheet(64, 64, Rgb([image as u8; 3])));
            document.settings_mut().batch = 1;
            make_round(&mut document, 10 + image as u64);
        }
        assert_eq!(cover(&document), (Some(2), vec![0, 2]));
        document.delete(Deletable::Result(id(2))).expect("deletes");
        assert_eq!(cover(&document), (Some(0), vec![0, 2]));
    }
}
