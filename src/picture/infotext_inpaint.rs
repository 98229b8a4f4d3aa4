//! What the settings text says about a masked part that was repainted.

use crate::engine::{Inpaint, InpaintArea, MaskedContent};

/// How soft inpainting is done here. AUTOMATIC1111 does it in another way and does not write this.
pub(super) const SOFT_METHOD: &str = "Differential diffusion";

/// The settings, by AUTOMATIC1111's names. As there, what is usual is left out, but for the mask blur, which is always
/// said and so tells that a part was repainted.
pub(super) fn fields(inpaint: &Inpaint) -> Vec<(&'static str, String)> {
    let Inpaint { blur, area, padding, content, inverted, soft } = *inpaint;
    let mut fields = Vec::new();
    if inverted {
        fields.push(("Mask mode", "Inpaint not masked".to_owned()));
    }
    fields.push(("Mask blur", blur.to_string()));
    if area == InpaintArea::OnlyMasked {
        fields.push(("Inpaint area", area.label().to_owned()));
        fields.push(("Masked area padding", padding.to_string()));
    }
    if content != MaskedContent::Original {
        fields.push(("Masked content", content.label().to_owned()));
    }
    if soft {
        fields.push(("Soft inpainting enabled", "True".to_owned()));
        fields.push(("Soft inpainting method", SOFT_METHOD.to_owned()));
    }
    fields
}
