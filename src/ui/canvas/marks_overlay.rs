//! The line around the selection and the colour over the mask.

use egui::{Color32, ColorImage, Context, Painter, TextureHandle, TextureOptions};

use super::mapping::Mapping;
use super::textures::paint_picture;
use super::tools::lines;
use crate::document::Document;
use crate::paint::{OutlineRun, Selection, SelectionOutline, TILE_SIDE, TilePlace};

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
    outline: SelectionOutline,
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
        let runs = document.selection().map(|selection| self.outline.of(selection, MOST_RUNS));
        if runs.is_none() {
            // Its memory is not needed any more.
            self.outline = SelectionOutline::default();
        }
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
    // Half as strong as it is, so that the canvas shows through.
    let colors: Vec<Color32> = (0..=u8::MAX).map(|level| Color32::from_rgba_unmultiplied(r, g, b, level / 2)).collect();
    let (across, down) = (width.div_ceil(step), height.div_ceil(step));
    let mut pixels = vec![colors[0]; across * down];
    for (row, y) in pixels.chunks_exact_mut(across).zip((0..height).step_by(step)) {
        for column in 0..width.div_ceil(TILE_SIDE) {
            let place = TilePlace { row: y / TILE_SIDE, column };
            let Some(tile) = marked.as_surface().tile(place) else { continue };
            let levels = tile.row(y % TILE_SIDE);
            // The first pixel of the tile that is shown.
            let first = (column * TILE_SIDE).div_ceil(step);
            let shown =
                row.iter_mut().skip(first).zip(levels.iter().skip(first * step - column * TILE_SIDE).step_by(step));
            shown.for_each(|(pixel, level)| *pixel = colors[usize::from(level[3])]);
        }
    }
    ColorImage::new([across, down], pixels)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paint::Size;

    #[test]
    fn a_large_selection_is_shown_by_every_second_or_third_pixel() {
        for (width, height) in [(64, 70), (1025, 100), (2500, 129)] {
            let size = Size::new(width, height).expect("a size");
            let levels: Vec<u8> = (0..width * height).map(|i| if i % 7 == 0 { 0 } else { (i / 9) as u8 }).collect();
            let step = width.div_ceil(LONGEST_SIDE);
            let shown = levels.chunks_exact(width).step_by(step).flat_map(|row| row.iter().step_by(step));
            let shown: Vec<Color32> =
                shown.map(|level| Color32::from_rgba_unmultiplied(230, 40, 190, level / 2)).collect();
            let picture = picture(&Selection::from_levels(size, &levels), MASK);
            assert_eq!(picture.size, [width.div_ceil(step), height.div_ceil(step)]);
            assert!(picture.pixels == shown, "{width} by {height}");
        }
    }
}
