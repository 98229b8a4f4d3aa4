//! One round and the places of its pictures.

use std::sync::Arc;

use image::RgbImage;
use serde::{Deserialize, Serialize};

use super::{Ancestry, RoundResult, Settings};
use crate::engine::Plan;
use crate::paint::{Region, Rgb};
use crate::picture::Fit;

/// A round's number, from 1: the one that people see, in the window, in file names and on the command line. It never
/// changes, and is never used again in the same document.
pub type RoundId = usize;

/// One picture of one round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ResultId {
    /// The round.
    pub round: RoundId,
    /// Its place in the batch, from 0.
    pub image: usize,
}

/// How far one picture of a round is.
#[derive(Clone, Debug, Default)]
pub enum State {
    /// Its turn has not come.
    #[default]
    Waiting,
    /// It is being made.
    Denoising {
        /// Steps done.
        step: usize,
        /// Steps in all.
        steps: usize,
        /// A small picture of how it looks now.
        preview: Arc<RgbImage>,
    },
    /// It is finished.
    Done(RoundResult),
    /// The picture was skipped, or the round was cancelled or failed before it was finished.
    Dropped,
    /// It is finished and was deleted; it is kept so that it can be shown again.
    Deleted(Box<RoundResult>),
}

/// The place of one picture in a round.
#[derive(Clone, Debug, Default)]
pub struct Slot {
    /// How far the picture is.
    pub state: State,
    /// Changes with every new state, so that a view knows when to show it again.
    pub revision: u64,
}

impl Slot {
    /// The finished picture, if it is finished.
    pub fn result(&self) -> Option<&RoundResult> {
        match &self.state {
            State::Done(result) => Some(result),
            _ => None,
        }
    }

    /// The finished picture, deleted or not.
    pub(super) fn kept(&self) -> Option<&RoundResult> {
        match &self.state {
            State::Done(result) => Some(result),
            State::Deleted(result) => Some(result),
            _ => None,
        }
    }

    /// The finished picture, deleted or not: what is reported late must reach it.
    pub(super) fn kept_mut(&mut self) -> Option<&mut RoundResult> {
        match &mut self.state {
            State::Done(result) => Some(result),
            State::Deleted(result) => Some(result),
            _ => None,
        }
    }
}

/// What one press of Generate asked for, and its pictures.
#[derive(Clone, Debug)]
pub struct Round {
    /// Its number, which never changes.
    pub id: RoundId,
    /// The settings it was asked for with; the seed is drawn already.
    pub settings: Arc<Settings>,
    /// What it asks for besides.
    pub plan: Arc<Plan>,
    /// The result that its start image came from.
    pub parent: Option<ResultId>,
    /// The seeds whose noise was in its start image.
    pub ancestry: Ancestry,
    /// The part of the canvas that it was made from, and that its results belong to; `None` for all of it.
    pub place: Option<Region>,
    /// How the canvas became its start image; `None` if it started from noise alone.
    pub start: Option<RoundStart>,
    /// The name of the model that makes it.
    pub model: String,
    /// Whether it was deleted.
    pub(super) deleted: bool,
    /// A place for each of its pictures.
    pub slots: Vec<Slot>,
}

/// How the canvas became the start image of a round. The pixels are in the document's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoundStart {
    /// How it was brought to the size of the results.
    pub fit: Fit,
    /// The paper's colour.
    pub paper: Rgb,
}

impl Round {
    /// Whether any picture is finished.
    pub fn has_results(&self) -> bool {
        self.slots.iter().any(|slot| slot.result().is_some())
    }

    /// Whether a picture that is wanted is not finished.
    pub fn is_being_made(&self) -> bool {
        self.slots.iter().any(|slot| matches!(slot.state, State::Waiting | State::Denoising { .. }))
    }

    /// The finished pictures with their places in the batch.
    pub fn results(&self) -> impl Iterator<Item = (usize, &RoundResult)> {
        self.slots.iter().enumerate().filter_map(|(image, slot)| Some((image, slot.result()?)))
    }
}
