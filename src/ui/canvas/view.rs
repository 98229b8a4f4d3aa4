//! The canvas widget: its texture, the pointer on it, and the outline of the tool.

use egui::{Color32, ColorImage, Pos2, Rect, Sense, TextureHandle, TextureOptions, WidgetInfo};

use super::mapping::Mapping;
use super::pointer::Pointer;
use super::tools::{Outcome, ToolContext};
use crate::document::Document;
use crate::paint::{Brush, PixelRect};
use crate::ui::keyboard::Keyboard;
use crate::ui::panels::ColorPanel;
use crate::ui::{Tool, UserCommand, theme};

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
        tool: Tool,
        brush: Brush,
        color: &mut ColorPanel,
        keyboard: &Keyboard,
    ) -> Vec<UserCommand> {
        let (room, response) = ui.allocate_exact_size(ui.available_size(), Sense::drag());
        response.widget_info(|| WidgetInfo::labeled(egui::Role::Canvas, true, "Canvas"));
        let (width, height) = (document.canvas().width(), document.canvas().height());
        let map = Mapping::new(room, width, height, ui.pixels_per_point());
        self.shown = Some(map.rect);
        let mut outcome = Outcome::default();
        let brush = Brush { color: color.color(), ..brush };
        let mut context = ToolContext { document: &mut *document, brush, color: color.color(), outcome: &mut outcome };
        self.pointer.choose(tool);
        self.pointer.follow(ui, room, &map, keyboard, &mut context);
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
            ui.ctx().set_cursor_icon(egui::CursorIcon::Crosshair);
            self.pointer.chosen().outline(&ui.painter().with_clip_rect(room), at, &map, &brush);
        }
        outcome.commands
    }

    /// Whether a stroke is being painted.
    pub fn is_stroking(&self) -> bool {
        self.pointer.is_following()
    }

    /// Takes back the stroke that is being painted.
    pub fn abandon_stroke(&mut self, document: &mut Document) {
        self.pointer.abandon(document);
    }

    /// Uploads the rectangle that changed, or everything when the size changed.
    fn upload(&mut self, ctx: &egui::Context, document: &mut Document) {
        let Some(dirty) = document.take_dirty() else { return };
        let canvas = document.screen();
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

/// One rectangle of the canvas as a texture's pixels.
fn pixels(document: &Document, rect: PixelRect) -> ColorImage {
    let pixels = document.screen().copy_rect(rect);
    let pixels = pixels.into_iter().map(|[r, g, b, _]| Color32::from_rgb(r, g, b)).collect();
    ColorImage::new([rect.width(), rect.height()], pixels)
}
