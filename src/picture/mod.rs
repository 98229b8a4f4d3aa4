//! Picture files: opened in any format, fitted to a size, written with the settings that made them.
//!
//! Everything here works on files and pixels and knows neither windows nor threads. Reading goes from
//! [`open`] to upright sRGB pixels on white; [`read_parameters`] and [`Parameters`] read how a picture was
//! made; [`encode`], [`save_as`] and [`save_named`] write,
//! the latter under a name that a [`NamePattern`] makes; [`inspect`] tells all of it without using it.

mod animation;
mod base64_picture;
mod color;
mod contact_sheet;
mod difference;
mod drift;
mod edges;
mod encode;
mod encode_alpha;
mod exif;
mod extend;
mod fit;
mod fit_layer;
mod format;
mod infotext;
mod infotext_control;
mod infotext_inpaint;
mod infotext_second_pass;
mod inspect;
mod lettering;
mod mask_picture;
mod metadata;
mod name_pattern;
mod name_words;
mod open;
mod outline_score;
mod output;
mod parameters;
mod reason;
mod region_masks;
mod reproduction;
mod save;
mod settings_text;
mod sheet_picture;
mod start_image;
mod system_fonts;

pub use animation::{Animation, AnimationError, AnimationKind};
pub use base64_picture::{Base64Error, from_base64, to_base64};
pub use color::Conversion;
pub use contact_sheet::{ContactPicture, contact_sheet};
pub use difference::{Difference, difference, false_color};
pub use drift::{drift, drift_overlay};
pub use encode::{Attached, Encoding, FileKind, SaveTarget, encode, encode_png, encode_with};
pub use encode_alpha::encode_png_with_alpha;
pub use extend::{Extension, extended, extension_mask};
pub use fit::{Fit, Placement, fit};
pub use fit_layer::{fit_layer, scale_layer};
pub use format::{Content, Format, READABLE_ENDINGS, READABLE_FORMATS, START_LENGTH, recognise};
pub use inspect::{Inspection, InspectionDetails, InspectionKind, PictureReport, SettingsReport, inspect};
pub use lettering::{Label, LabelStyle, Lettering};
pub use mask_picture::MaskPicture;
pub use name_pattern::{NamePattern, PatternError};
pub use name_words::NameWords;
pub use open::{OpenError, open, open_with_alpha, read, read_with_alpha};
pub use outline_score::outline_score;
pub use output::{Carried, OutputOptions, WrittenResult};
pub use parameters::{NotTaken, Parameters, known_sampler, known_schedule};
pub(crate) use reason::plain_reason;
pub use region_masks::{read_region_masks, region_masks};
pub use reproduction::Reproduction;
pub use save::{SaveError, check_folder, save_as, save_named, write_atomically, write_new_file};
pub use settings_text::{read_parameters, settings_text};
pub use sheet_picture::SheetPicture;
pub use start_image::{read_start_image, start_image};
pub use system_fonts::{FoundFont, find_fonts};
