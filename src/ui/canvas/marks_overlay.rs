//! The line around the selection and the colour over the mask.

use egui::{Color32, ColorImage, Context, Painter, TextureHandle, TextureOptions};

use super::mapping::Mapping;
use super::textures::paint_picture;
use super::tools::lines;
use crate::document::Document;
use crate::paint::{OutlineRun, Selection};

/// With more pieces than this the line around a selection is drawn as a coloured area.
const MOST_RUNS: usize = 3000;
/// The longest side of the picture of a mask, in pixels.
const LONGEST_SIDE: usize = 1024;
const MASK: [u8; 3] = [230, 40, 190];
const SELECTION: [u8; 3] = [40, 120, 230];

/// What is drawn over the canvas for selection and mask. It is made again only when they change.
#[derive(Default)]
pub(super) struct MarksOverlay {
    revision: Option<u64>,
    selection: Vec<OutlineRun>,
    selection_area: Option<TextureHandle>,
    mask: Option<TextureHandle>,
}

impl MarksOverlay {
    /// Takes over what changed.
    pub fn update(&mut self, ctx: &Context, document: &Document) {
        if self.revision.replace(document.marks_revision()) == Some(document.marks_revision()) {
            return;
        }
        let runs = document.selection().map(|selection| selection.outline(MOST_RUNS));
        let is_speckled = matches!(runs, Some(None));
        self.selection = runs.flatten().unwrap_or_default();
        let speckled = document.selection().filter(|_| is_speckled);
        set(ctx, &mut self.selection_area, "selection", speckled, SELECTION);
        set(ctx, &mut self.mask, "mask", document.mask(), MASK);
    }

    /// Draws both.
    pub fn paint(&self, painter: &Painter, map: &Mapping, shows_mask: bool, shows_selection: bool) {
        if let Some(mask) = self.mask.as_ref().filter(|_| shows_mask) {
            paint_picture(painter, mask.id(), map.canvas_corners());
        }
        if !shows_selection {
            return;
        }
        if let Some(area) = &self.selection_area {
            paint_picture(painter, area.id(), map.canvas_corners());
        }
        for OutlineRun { from, to } in &self.selection {
            let ends = [from, to].map(|(x, y)| map.to_screen(*x as f32, *y as f32));
            lines::dashed(painter, ends.to_vec());
        }
    }
}

/// Makes a texture show this in a colour.
fn set(ctx: &Context, texture: &mut Option<TextureHandle>, name: &str, marked: Option<&Selection>, color: [u8; 3]) {
    match (marked.map(|marked| picture(marked, color)), texture.as_mut()) {
        (None, _) => *texture = None,
        (Some(picture), Some(texture)) => texture.set(picture, TextureOptions::LINEAR),
        (Some(picture), None) => *texture = Some(ctx.load_texture(name, picture, TextureOptions::LINEAR)),
    }
}

/// A selection as a picture, of which large ones show every second or third pixel and so on.
fn picture(marked: &Selection, [r, g, b]: [u8; 3]) -> ColorImage {
    let (width, height) = (marked.size().width(), marked.size().height());
    let step = width.max(height).div_ceil(LONGEST_SIDE);
    let levels = marked.levels();
    let pixels = levels.chunks_exact(width).step_by(step).flat_map(|row| row.iter().step_by(step));
    // Half as strong as it is, so that the canvas shows through.
    let pixels = pixels.map(|level| Color32::from_rgba_unmultiplied(r, g, b, level / 2)).collect();
    ColorImage::new([width.div_ceil(step), height.div_ceil(step)], pixels)
}
