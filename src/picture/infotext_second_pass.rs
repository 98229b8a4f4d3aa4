//! What the settings text says about a second pass, as the web UI's script "SD upscale" writes it.

use crate::engine::SecondPass;

/// The names of its settings. The web UI does not write the last one.
pub(super) const OVERLAP: &str = "SD upscale overlap";
pub(super) const UPSCALER: &str = "SD upscale upscaler";
pub(super) const SCALE: &str = "SD upscale scale factor";

/// The settings of a second pass. `Size` is that of a tile there, as in the web UI.
pub(super) fn fields(pass: &SecondPass) -> [(&'static str, String); 3] {
    [(OVERLAP, pass.overlap.to_string()), (UPSCALER, pass.upscaler.label()), (SCALE, pass.scale.to_string())]
}
