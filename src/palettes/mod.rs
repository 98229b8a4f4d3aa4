//! Palettes and other choices of colours that a person finds again at the next launch. All of it lies in the program's
//! data folder.
//!
//! - `palette.rs` is a named list of named colours, `gpl.rs` reads and writes it as a GIMP palette.
//! - `library.rs` is the folder of palettes; it begins with the one in `assets/basic-colours.gpl`.
//! - `preferences.rs` is how colours are dialled and picked, and the colours that were used last.

mod gpl;
mod library;
mod palette;
mod preferences;
#[cfg(test)]
mod property_tests;

pub use gpl::{GplError, read_gpl, write_gpl};
pub use library::{KeptPalette, PaletteError, PaletteLibrary, export, import};
pub use palette::{MOST_SWATCHES, Palette, Swatch};
pub use preferences::{ColorPreferences, PickerShape};
