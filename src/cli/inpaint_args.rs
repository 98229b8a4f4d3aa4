//! What can be said to `underpaint generate` about repainting a part of a picture.

use std::path::PathBuf;

use super::option_values::{area, content, extension, number, whole};
use crate::engine::{Inpaint, InpaintArea, MaskedContent};
use crate::picture::Extension;

/// Options about repainting a part of a picture. Any of them but the mask itself and --feather repaints as AUTOMATIC1111
/// does.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct InpaintArgs {
    /// Mask: a picture that is white where the start picture may change and black where it is kept, or opaque and
    /// transparent. It is fitted as the start picture is
    #[arg(long, value_name = "FILE")]
    pub mask: Option<PathBuf>,
    /// Mask blur, 0 to 64 pixels: repaint as AUTOMATIC1111 does, with the mask blurred this much, which softens its edge
    /// to both sides [default: 4 with any of the options below]
    #[arg(long, value_parser = whole, value_name = "PIXELS", conflicts_with = "feather")]
    pub mask_blur: Option<usize>,
    /// Repaint what is not masked
    #[arg(long)]
    pub mask_invert: bool,
    /// What the masked part holds at the start: original, fill (its surroundings, blurred), latent-noise or
    /// latent-nothing [default: original]
    #[arg(long, value_parser = content, value_name = "CONTENT")]
    pub mask_content: Option<MaskedContent>,
    /// Inpaint area: whole picture, or the masked part alone at --width by --height, put back into the start picture, which
    /// may have any size [default: whole]
    #[arg(long, value_parser = area, value_name = "whole|masked")]
    pub mask_area: Option<InpaintArea>,
    /// Only masked padding, 0 to 256 pixels: how much around the masked part is seen with it [default: 32]
    #[arg(long, value_parser = whole, value_name = "PIXELS")]
    pub mask_padding: Option<usize>,
    /// Soft inpainting: the grey levels of the mask say how much each place may change (differential diffusion)
    #[arg(long)]
    pub soft_inpainting: bool,
    /// Extend the start picture by this many pixels on each side, and paint the new area (outpainting). The border is continued into it,
    /// and sides become multiples of 8; --width and --height are then those of the larger picture unless given
    #[arg(long, value_parser = extension, value_name = "LEFT,TOP,RIGHT,BOTTOM", requires = "init", conflicts_with = "document")]
    pub extend: Option<Extension>,
    /// Image CFG scale of models that edit pictures (InstructPix2Pix): how strongly the start picture is followed, 0 to
    /// 30 [default: 1.5]
    #[arg(long, value_parser = number, value_name = "SCALE")]
    pub image_cfg: Option<f64>,
}

impl InpaintArgs {
    /// How a masked part is repainted: as `base` says, changed where an option says so. --feather, if given, asks for the
    /// other kind of edge.
    pub(super) fn inpaint_over(&self, base: Option<Inpaint>, feather: Option<usize>) -> Option<Inpaint> {
        let says = self.mask_blur.is_some()
            || self.mask_invert
            || self.mask_content.is_some()
            || self.mask_area.is_some()
            || self.mask_padding.is_some()
            || self.soft_inpainting
            || self.extend.is_some();
        if !says && (base.is_none() || feather.is_some()) {
            return None;
        }
        let base = base.unwrap_or_default();
        Some(Inpaint {
            blur: self.mask_blur.unwrap_or(base.blur),
            area: self.mask_area.unwrap_or(base.area),
            padding: self.mask_padding.unwrap_or(base.padding),
            content: self.mask_content.unwrap_or(base.content),
            inverted: self.mask_invert || base.inverted,
            soft: self.soft_inpainting || base.soft,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_said_leaves_the_settings_and_anything_said_repaints() {
        let usual = Inpaint::default();
        assert_eq!(InpaintArgs::default().inpaint_over(None, None), None);
        assert_eq!(InpaintArgs::default().inpaint_over(Some(usual), None), Some(usual));
        assert_eq!(InpaintArgs::default().inpaint_over(Some(usual), Some(8)), None);
        let soft = InpaintArgs { soft_inpainting: true, ..InpaintArgs::default() };
        assert_eq!(soft.inpaint_over(None, None), Some(Inpaint { soft: true, ..usual }));
        let blur = InpaintArgs { mask_blur: Some(9), ..InpaintArgs::default() };
        let base = Inpaint { padding: 5, ..usual };
        assert_eq!(blur.inpaint_over(Some(base), None), Some(Inpaint { blur: 9, padding: 5, ..usual }));
    }
}
