//! The answers to each address: JSON to requests of the engine, and what it made to JSON.

mod change_options;
pub(super) mod fields;
mod lists;
mod make_pictures;
mod picture_answer;
mod picture_fields;
mod png_info;
mod progress;
mod round_fields;
mod unsupported;

pub(super) use change_options::change_options;
pub(super) use lists::{List, list};
pub(super) use make_pictures::beside;
pub(super) use make_pictures::make_pictures;
pub(super) use png_info::png_info;
pub(super) use progress::progress;

/// Which of the two ways to make pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RoundKind {
    /// From noise alone.
    Txt2Img,
    /// From a picture and noise.
    Img2Img,
}

impl RoundKind {
    /// Its name in addresses and in the state of a job.
    pub fn name(self) -> &'static str {
        match self {
            Self::Txt2Img => "txt2img",
            Self::Img2Img => "img2img",
        }
    }
}
