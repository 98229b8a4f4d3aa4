//! The canvas on the graphics card.

use egui::{Color32, ColorImage, Mesh, Painter, Pos2, Shape, TextureFilter, TextureHandle, TextureOptions};

use super::mapping::Mapping;
use crate::document::Document;
use crate::paint::{Canvas, PixelRect};

/// The longest side of one texture, in pixels. The window library needs textures of this size itself, so every graphics
/// card has them. Smaller versions are made only of those that a stroke touches, which takes a while in software. A power
/// of two, so that smaller versions of neighbours fit together.
const LONGEST_SIDE: usize = 1024;

/// How many pixels are uploaded in one frame. After a change of all of a larger canvas the rest follows in the next frames,
/// so that none of them takes long. Not fewer than one texture has.
const MOST_PIXELS: usize = 4 << 20;

/// Above this zoom, in screen pixels per canvas pixel, pixels are shown as squares.
pub(in crate::ui) const SHARP: f32 = 2.0;

/// The textures of the canvas, side by side. Each is uploaded once; after that only what changed is.
#[derive(Default)]
pub(super) struct CanvasTextures {
    pieces: Vec<Piece>,
    size: (usize, usize),
    /// The piece whose turn it is first.
    next: usize,
}

/// One texture and the part of the canvas in it.
struct Piece {
    rect: PixelRect,
    /// `None` before it was uploaded first.
    texture: Option<TextureHandle>,
    /// Which of its pixels are still to be uploaded.
    waiting: Option<PixelRect>,
    /// How it is drawn.
    options: TextureOptions,
}

impl CanvasTextures {
    /// Uploads what changed since the last call, for a canvas that is drawn with `zoom` screen pixels per pixel.
    pub fn update(&mut self, ctx: &egui::Context, document: &mut Document, zoom: f32) {
        let dirty = document.take_dirty();
        let options = options(zoom);
        let canvas = document.screen();
        let size = (canvas.width(), canvas.height());
        if self.size != size || self.pieces.is_empty() {
            *self = Self { pieces: pieces(canvas, options), size, next: 0 };
        }
        for piece in &mut self.pieces {
            let part = dirty.and_then(|dirty| common(piece.rect, dirty));
            piece.waiting = [piece.waiting, part].into_iter().flatten().reduce(PixelRect::union);
            if std::mem::replace(&mut piece.options, options) != options {
                // The options of a texture are only taken with pixels, so a new choice comes with one of them.
                let first = PixelRect { x1: piece.rect.x0 + 1, y1: piece.rect.y0 + 1, ..piece.rect };
                piece.waiting = piece.waiting.or(Some(first));
            }
        }
        self.upload(ctx, canvas);
    }

    /// Uploads what waits, as much as one frame takes. The next frame begins with the first piece that was left out.
    fn upload(&mut self, ctx: &egui::Context, canvas: &Canvas) {
        let (mut left, count, first) = (MOST_PIXELS, self.pieces.len(), self.next);
        self.next = 0;
        for at in (first..count).chain(0..first.min(count)) {
            let Some(piece) = self.pieces.get_mut(at) else { continue };
            let Some(part) = piece.waiting else { continue };
            let pixels = part.width() * part.height();
            if pixels > left {
                self.next = at;
                ctx.request_repaint();
                return;
            }
            left -= pixels;
            piece.upload(ctx, canvas, part);
        }
    }

    /// Draws the canvas.
    pub fn paint(&self, painter: &Painter, map: &Mapping) {
        for Piece { rect, texture, .. } in &self.pieces {
            let Some(texture) = texture else { continue };
            let [left, top, right, bottom] = [rect.x0, rect.y0, rect.x1, rect.y1].map(|at| at as f32);
            paint_picture(painter, texture.id(), map.corners(left, top, right, bottom));
        }
    }
}

/// Draws a whole texture between four corners, in the order of [`Mapping::corners`].
pub(super) fn paint_picture(painter: &Painter, texture: egui::TextureId, corners: [Pos2; 4]) {
    paint_tinted(painter, texture, corners, Color32::WHITE);
}

/// Draws a whole texture between four corners, every pixel multiplied by a colour. One with alpha lets what is behind
/// shine through.
pub(in crate::ui) fn paint_tinted(painter: &Painter, texture: egui::TextureId, corners: [Pos2; 4], color: Color32) {
    let mut mesh = Mesh::with_texture(texture);
    let uvs = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)];
    for (pos, (u, v)) in corners.into_iter().zip(uvs) {
        mesh.vertices.push(egui::epaint::Vertex { pos, uv: Pos2::new(u, v), color });
    }
    mesh.add_triangle(0, 1, 2);
    mesh.add_triangle(0, 2, 3);
    painter.add(Shape::mesh(mesh));
}

impl Piece {
    fn upload(&mut self, ctx: &egui::Context, canvas: &Canvas, part: PixelRect) {
        self.waiting = None;
        match &mut self.texture {
            Some(texture) => {
                let at = [part.x0 - self.rect.x0, part.y0 - self.rect.y0];
                texture.set_partial(at, pixels(canvas, part), self.options);
            }
            None => self.texture = Some(ctx.load_texture("canvas", pixels(canvas, self.rect), self.options)),
        }
    }
}

fn pieces(canvas: &Canvas, options: TextureOptions) -> Vec<Piece> {
    let (width, height) = (canvas.width(), canvas.height());
    let rows = (0..height).step_by(LONGEST_SIDE);
    let places = rows.flat_map(|y0| (0..width).step_by(LONGEST_SIDE).map(move |x0| (x0, y0)));
    places
        .map(|(x0, y0)| {
            let rect = PixelRect { x0, y0, x1: width.min(x0 + LONGEST_SIDE), y1: height.min(y0 + LONGEST_SIDE) };
            Piece { rect, texture: None, waiting: Some(rect), options }
        })
        .collect()
}

/// How a texture is drawn at a zoom. A canvas made small needs smaller versions of itself, or it would shimmer.
fn options(zoom: f32) -> TextureOptions {
    if zoom > SHARP {
        TextureOptions::NEAREST
    } else if zoom < 1.0 {
        TextureOptions::LINEAR.with_mipmap_mode(Some(TextureFilter::Linear))
    } else {
        TextureOptions::LINEAR
    }
}

fn common(one: PixelRect, other: PixelRect) -> Option<PixelRect> {
    let rect = PixelRect {
        x0: one.x0.max(other.x0),
        y0: one.y0.max(other.y0),
        x1: one.x1.min(other.x1),
        y1: one.y1.min(other.y1),
    };
    (rect.x0 < rect.x1 && rect.y0 < rect.y1).then_some(rect)
}

/// One rectangle of the canvas as a texture's pixels.
fn pixels(canvas: &Canvas, rect: PixelRect) -> ColorImage {
    let mut pixels = Vec::with_capacity(rect.width() * rect.height());
    for y in rect.y0..rect.y1 {
        let row = canvas.row(y).get(rect.x0..rect.x1).unwrap_or_default();
        pixels.extend(row.iter().map(|[r, g, b, _]| Color32::from_rgb(*r, *g, *b)));
    }
    ColorImage::new([rect.width(), rect.height()], pixels)
}

#[cfg(test)]
mod tests {
    use egui::{Context, RawInput};

    use super::*;
    use crate::engine::Settings;
    use crate::paint::{Brush, Rgb, Size};

    /// Where pixels are uploaded in one frame, and how many.
    fn uploaded(ctx: &Context, frame: impl FnOnce(&Context)) -> Vec<(Option<[usize; 2]>, usize)> {
        let mut frame = Some(frame);
        let mut output = ctx.run_ui(RawInput::default(), |ui| {
            if let Some(frame) = frame.take() {
                frame(ui.ctx());
            }
        });
        let fonts = egui::TextureId::default();
        let ours = output.textures_delta.set.iter().filter(|(id, _)| **id != fonts);
        let deltas = ours.flat_map(|(_, deltas)| deltas);
        let found = deltas.map(|delta| (delta.pos, delta.image.width() * delta.image.height())).collect();
        output.textures_delta.clear();
        found
    }

    #[test]
    fn a_large_canvas_is_cut_into_textures_and_only_what_changed_is_uploaded_again() {
        let (ctx, mut textures) = (Context::default(), CanvasTextures::default());
        let size = Size::new(2000, 1200).expect("a size");
        let mut document = Document::new(size, Rgb::WHITE, Settings::default());
        let first = uploaded(&ctx, |ctx| textures.update(ctx, &mut document, 1.0));
        assert_eq!(first.len(), 4);
        assert_eq!(first.iter().map(|(_, pixels)| pixels).sum::<usize>(), 2000 * 1200);
        assert!(uploaded(&ctx, |ctx| textures.update(ctx, &mut document, 1.0)).is_empty());

        // A dot across the border between the two upper textures.
        document
            .begin_stroke(Brush { size: 20.0, ..Brush::default() }, crate::paint::PenSample::mouse(1024.0, 100.0, 0.0));
        document.end_stroke();
        let again = uploaded(&ctx, |ctx| textures.update(ctx, &mut document, 1.0));
        assert_eq!(again.len(), 2);
        assert!(again.iter().all(|(at, pixels)| at.is_some() && *pixels < 30 * 30), "{again:?}");
        assert!(again.iter().any(|(at, _)| at.is_some_and(|[x, y]| x == 0 && y > 80)), "{again:?}");

        // Another way to draw them takes one pixel each.
        let sharp = uploaded(&ctx, |ctx| textures.update(ctx, &mut document, 4.0));
        assert_eq!(sharp, vec![(Some([0, 0]), 1); 4]);
    }

    #[test]
    fn a_very_large_canvas_is_uploaded_over_several_frames() {
        let (ctx, mut textures) = (Context::default(), CanvasTextures::default());
        let size = Size::new(4096, 3000).expect("a size");
        let mut document = Document::new(size, Rgb::WHITE, Settings::default());
        let mut frame = |document: &mut Document| -> usize {
            let uploaded = uploaded(&ctx, |ctx| textures.update(ctx, document, 1.0));
            uploaded.iter().map(|(_, pixels)| pixels).sum()
        };
        let mut frames = Vec::new();
        while frames.last() != Some(&0) {
            frames.push(frame(&mut document));
        }
        assert_eq!(frames.iter().sum::<usize>(), 4096 * 3000, "each pixel once");
        assert!(frames.len() > 3 && frames.iter().all(|pixels| *pixels <= MOST_PIXELS), "{frames:?}");
        // A change of all of it, and a dot while that is on its way.
        document.set_paper(Rgb::BLACK);
        let first = frame(&mut document);
        let dot = crate::paint::PenSample::mouse(4000.0, 2900.0, 0.0);
        document.begin_stroke(Brush { size: 20.0, ..Brush::default() }, dot);
        document.end_stroke();
        let mut all = first;
        loop {
            match frame(&mut document) {
                0 => break,
                pixels => all += pixels,
            }
        }
        assert_eq!(all, 4096 * 3000, "the dot lay in a piece that waited");
    }
}
