//! Which pictures can be compared.

use crate::document::{ResultId, RoundId, Rounds};

/// A picture that can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompareSource {
    /// The canvas as it is now.
    Canvas,
    /// The canvas as it was when this round was started.
    StartImage(RoundId),
    /// A finished result.
    Result(ResultId),
}

impl CompareSource {
    /// The round that the picture belongs to; `None` for the canvas.
    pub fn round(self) -> Option<RoundId> {
        match self {
            Self::Canvas => None,
            Self::StartImage(round) | Self::Result(ResultId { round, .. }) => Some(round),
        }
    }

    /// The result, if it is one.
    pub fn result(self) -> Option<ResultId> {
        match self {
            Self::Result(id) => Some(id),
            Self::Canvas | Self::StartImage(_) => None,
        }
    }

    /// Its name in the window.
    pub(super) fn name(self) -> String {
        match self {
            Self::Canvas => "Canvas".into(),
            Self::StartImage(round) => format!("Round {round}, start image"),
            Self::Result(ResultId { round, image }) => {
                format!("Round {round}, result {}", image + 1)
            }
        }
    }

    /// Everything that can be compared now, the latest round first. `has_start` says whether the start
    /// image of a round is at hand.
    pub(super) fn all(rounds: &Rounds, has_start: impl Fn(RoundId) -> bool) -> Vec<Self> {
        let mut list = vec![Self::Canvas];
        for round in rounds.iter().rev() {
            let finished = round.slots.iter().enumerate().filter(|(_, slot)| slot.result().is_some());
            list.extend(finished.map(|(image, _)| Self::Result(ResultId { round: round.id, image })));
            list.extend(has_start(round.id).then_some(Self::StartImage(round.id)));
        }
        list
    }
}
