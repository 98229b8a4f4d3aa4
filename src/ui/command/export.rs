//! How pictures leave the window.

use std::path::PathBuf;

use crate::document::RoundId;
use crate::document::TimeLapse;
use crate::picture::OutputOptions;

/// Commands about how pictures leave the window.
#[derive(Clone, Debug, PartialEq)]
pub enum ExportCommand {
    /// Show the dialog that chooses as what results are written.
    ShowSaving,
    /// Write results like this from now on, also after the next launch.
    UseOutput(OutputOptions),
    /// Ask where to save the contact sheet of a round.
    ChooseContactSheet(RoundId),
    /// Save the results of a round as one picture to this file.
    ContactSheet(RoundId, PathBuf),
    /// Show the dialog that chooses how long and how large a time-lapse is.
    ShowTimeLapse,
    /// Ask where to save this time-lapse.
    ChooseTimeLapse(TimeLapse),
    /// Save this time-lapse of the document to this file.
    TimeLapse(TimeLapse, PathBuf),
    /// Close the dialog.
    Close,
}
