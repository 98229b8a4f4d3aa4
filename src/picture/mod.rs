//! Pictures as files: opened, fitted to a size, written with the settings that made them.

mod fit;
mod infotext;
mod open;
mod parameters;
mod save;

pub use fit::{Fit, fit};
pub use open::{OpenError, open, read, read_parameters};
pub use parameters::Parameters;
pub use save::{SaveError, encode_png, save_numbered, write_atomically};
