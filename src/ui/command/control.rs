//! The files of controls.

use std::path::PathBuf;

/// Commands that choose the files of controls. They are counted from 0; one that is not there yet is added.
#[derive(Clone, Debug, PartialEq)]
pub enum ControlCommand {
    /// Ask for the file of a ControlNet.
    ChooseModel(usize),
    /// Use this ControlNet.
    UseModel(usize, PathBuf),
    /// Ask for a picture file to follow.
    ChoosePicture(usize),
    /// Follow this picture file.
    UsePicture(usize, PathBuf),
    /// Draw the lines over the canvas, or stop.
    ShowLines(bool),
}
