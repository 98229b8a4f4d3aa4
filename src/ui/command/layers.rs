//! What can be done with layers and the paper.

use crate::document::PaintRefusal;
use crate::paint::{BlendMode, LayerDirection, LayerId, LayerPlace, Rgb};

/// Commands about layers and the paper. Those that name no layer are about the current one.
#[derive(Clone, Debug, PartialEq)]
pub enum LayerCommand {
    /// Paint on this layer from now on.
    Choose(LayerId),
    /// Paint on the layer above or below the current one.
    ChooseNext(LayerDirection),
    /// Add an empty layer above the current one.
    Add,
    /// Copy the layer.
    Duplicate,
    /// Delete the layer, with all layers in it.
    Delete,
    /// Move the layer one place up or down.
    Step(LayerDirection),
    /// Move this layer to a place, whose index counts without the layer.
    Move(LayerId, LayerPlace),
    /// Ask for another name.
    AskForName,
    /// Give this layer another name.
    Rename(LayerId, String),
    /// Dismiss the question about the name.
    KeepName,
    /// Turn a property of this layer on or off.
    Switch(LayerId, LayerSwitch),
    /// Turn a property of the layer on or off.
    SwitchCurrent(LayerSwitch),
    /// Give this layer another opacity, `0..=1`.
    SetOpacity(LayerId, f32),
    /// Draw this layer in another blend mode.
    SetBlend(LayerId, BlendMode),
    /// Give the region that this layer covers a prompt of its own; an empty one takes it away.
    SetRegionPrompt(LayerId, String),
    /// Merge the layer into the one below.
    MergeDown,
    /// Merge all visible layers to one.
    MergeVisible,
    /// Make one opaque layer of the canvas.
    Flatten,
    /// Put the layer into a new group.
    Group,
    /// Take the group apart.
    Ungroup,
    /// Fold or unfold this group in the list.
    Fold(LayerId),
    /// Give the paper another colour.
    SetPaper(Rgb),
    /// Paste the picture on the clipboard as a layer.
    Paste,
    /// Say why the current layer cannot be painted on.
    Explain(PaintRefusal),
}

/// A property of a layer that is on or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LayerSwitch {
    /// Whether it is drawn.
    Visible,
    /// Whether it is protected from every change of its pixels.
    Locked,
    /// Whether painting leaves its alpha as it is.
    AlphaLocked,
    /// Whether it shows only where the layer below does.
    Clipped,
    /// Whether it is only for reference.
    Reference,
}
