//! The bytes of one file: parts at the same time, and what is here already kept from one try to the next.

mod content;
mod done_ranges;
mod part_file;
mod piece;
mod run;
mod source;

pub(super) use content::{Hashes, hashes, looks_like_its_name};
pub(super) use part_file::PartFile;
pub(super) use run::transfer;
pub(super) use source::Source;
