//! The canvas widget: its texture and the brush's outline.

use egui::{Color32, ColorImage, Pos2, Rect, Sense, Stroke, TextureHandle, TextureOptions, WidgetInfo};

use super::mapping::Mapping;
use super::pointer::Pointer;
use crate::document::Document;
use crate::paint::PixelRect;
use crate::ui::panels::{ColorPanel, Tool, Tools};
use crate::ui::{UserCommand, theme};

/// Shows the canvas and paints on it.
#[derive(Default)]
pub(in crate::ui) struct CanvasView {
    texture: Option<TextureHandle>,
    /// Where the canvas was last drawn, in points.
    shown: Option<Rect>,
    pointer: Pointer,
}

impl CanvasView {
    /// Shows the canvas as large as the room allows, after painting what the pointer did since the
    /// last frame.
    pub fn ui(
        &mut self,
        ui: &mut egui::Ui,
        document: &mut Document,
        tools: &Tools,
        color: &mut ColorPanel,
    ) -> Option<UserCommand> {
        let (room, response) = ui.allocate_exact_size(ui.available_size(), Sense::drag());
        response.widget_info(|| WidgetInfo::labeled(egui::Role::Canvas, true, "Canvas"));
        let (width, height) = (document.canvas().width(), document.canvas().height());
        let map = Mapping::new(room, width, height, ui.pixels_per_point());
        self.shown = Some(map.rect);
        let outcome = self.pointer.follow(ui, room, &map, document, tools, color.color());
        if outcome.painted {
            color.used();
        }
        self.upload(ui.ctx(), document);
        ui.painter().rect_filled(room, 6, theme::WELL);
        if let Some(texture) = &self.texture {
            let uv = Rect::from_min_max(Pos2::ZERO, Pos2::new(1.0, 1.0));
            ui.painter().image(texture.id(), map.rect, uv, Color32::WHITE);
        }
        if let Some(at) = response.hover_pos() {
            cursor(ui, at, &map, tools, room);
        }
        outcome.command
    }

    /// Uploads the rectangle that changed, or everything when the size changed.
    fn upload(&mut self, ctx: &egui::Context, document: &mut Document) {
        let Some(dirty) = document.take_dirty() else { return };
        let canvas = document.canvas();
        let size = [canvas.width(), canvas.height()];
        let options = TextureOptions::LINEAR;
        match &mut self.texture {
            Some(texture) if texture.size() == size => {
                texture.set_partial([dirty.x0, dirty.y0], pixels(document, dirty), options);
            }
            _ => {
                let whole = pixels(document, PixelRect::whole(size[0], size[1]));
                self.texture = Some(ctx.load_texture("canvas", whole, options));
            }
        }
    }

    /// Where the canvas was last drawn, in points.
    pub fn shown(&self) -> Option<Rect> {
        self.shown
    }
}

/// The brush's outline, light and dark so that it shows on any colour.
fn cursor(ui: &egui::Ui, at: Pos2, map: &Mapping, tools: &Tools, room: Rect) {
    let painter = ui.painter().with_clip_rect(room);
    match tools.tool {
        Tool::Brush | Tool::Eraser => {
            ui.ctx().set_cursor_icon(egui::CursorIcon::Crosshair);
            let radius = tools.brush.size / 2.0 * map.scale();
            painter.circle_stroke(at, radius + 0.5, Stroke::new(1.0, Color32::from_black_alpha(160)));
            painter.circle_stroke(at, radius, Stroke::new(1.0, Color32::from_white_alpha(220)));
        }
        Tool::Fill | Tool::Eyedropper => ui.ctx().set_cursor_icon(egui::CursorIcon::Crosshair),
    }
}

/// One rectangle of the canvas as a texture's pixels.
fn pixels(document: &Document, rect: PixelRect) -> ColorImage {
    let pixels = document.canvas().copy_rect(rect);
    let pixels = pixels.into_iter().map(|[r, g, b, _]| Color32::from_rgb(r, g, b)).collect();
    ColorImage::new([rect.width(), rect.height()], pixels)
}
