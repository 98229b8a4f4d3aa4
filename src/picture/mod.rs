//! Picture files: opened in any format, fitted to a size, written with the settings that made them.
//!
//! Everything here works on files and pixels and knows neither windows nor threads. Reading goes from
//! [`open`] to upright sRGB pixels on white; [`read_parameters`] and [`Parameters`] read how a picture was
//! made; [`encode`], [`save_as`] and [`save_numbered`] write; [`inspect`] tells all of it without using it.

mod color;
mod difference;
mod draw_text;
mod drift;
mod edges;
mod encode;
mod exif;
mod fit;
mod format;
mod infotext;
mod inspect;
mod metadata;
mod open;
mod outline_score;
mod parameters;
mod reason;
mod save;
mod settings_text;
mod sheet_picture;

pub use color::Conversion;
pub use difference::{Difference, difference, false_color};
pub use drift::{drift, drift_overlay};
pub use encode::{FileKind, SaveTarget, encode, encode_png};
pub use fit::{Fit, Placement, fit};
pub use format::{Content, Format, READABLE_ENDINGS, READABLE_FORMATS, START_LENGTH, recognise};
pub use inspect::{Inspection, InspectionDetails, InspectionKind, PictureReport, SettingsReport, inspect};
pub use open::{OpenError, open, read};
pub use outline_score::outline_score;
pub use parameters::{NotTaken, Parameters};
pub(crate) use reason::plain_reason;
pub use save::{SaveError, check_folder, save_as, save_numbered, write_atomically, write_new_file};
pub use settings_text::{read_parameters, settings_text};
pub use sheet_picture::SheetPicture;
