//! Choosing, picking and shading colours.

use crate::document::AreaSource;
use crate::paint::{ColorModel, Rgb, SampleArea};
use crate::palettes::PickerShape;

/// Commands about the colours that are painted with.
#[derive(Clone, Debug, PartialEq)]
pub enum ColorCommand {
    /// Paint with this colour.
    Use(Rgb),
    /// Make this the background colour.
    UseAsBackground(Rgb),
    /// Let foreground and background colour change places.
    Swap,
    /// Paint black on white.
    Reset,
    /// Paint with the colour that is seen at a point of the window; nothing happens where no picture is.
    PickOnScreen {
        /// Points from the left edge of the window.
        x: f32,
        /// Points from the upper edge of the window.
        y: f32,
    },
    /// Choose how many pixels the eyedropper averages.
    ChooseSampleArea(SampleArea),
    /// Choose whether the eyedropper takes the colours of the picture or of the current layer.
    ChooseSampleSource(AreaSource),
    /// Choose by which measure colours are dialled.
    ChooseModel(ColorModel),
    /// Choose what colours are dialled with.
    ChooseShape(PickerShape),
    /// Open the value ramp at the pointer, with the colour of the picture there or else the current one.
    OpenRamp,
    /// Dial in the open value ramp.
    StepRamp {
        /// Steps lighter; negative ones are darker.
        lighter: i8,
        /// Steps warmer; negative ones are cooler.
        warmer: i8,
    },
    /// Paint with the colour that is dialled in the value ramp, and close it.
    TakeRamp,
    /// Close the value ramp.
    LeaveRamp,
}
