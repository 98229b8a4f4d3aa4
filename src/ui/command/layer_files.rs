//! Layers in and out of files of other programs.

use std::path::PathBuf;

/// Commands about files that hold layers, and pictures that become layers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LayerFileCommand {
    /// Ask where to save the layers as an OpenRaster file.
    ChooseSave,
    /// Save the layers to this OpenRaster file.
    Save(PathBuf),
    /// Ask for pictures that become layers.
    ChooseAdd,
    /// Add each of these picture files as a layer, the first one lowest.
    Add(Vec<PathBuf>),
    /// Take the opened or pasted picture off the canvas again and add it as a layer.
    AddPlaced,
}
