//! The canvas on screen: its texture, the pointer over it, and the brush's outline.

use egui::{
    Color32, ColorImage, Event, PointerButton, Pos2, Rect, Sense, Stroke, TextureHandle, TextureOptions, Vec2,
    WidgetInfo,
};

use super::tools_panel::{Tool, Tools};
use super::{Action, theme};
use crate::paint::{Brush, Painting, PixelRect, Rgb};

#[derive(Default)]
pub(super) struct CanvasView {
    texture: Option<TextureHandle>,
    /// Where the canvas was last drawn, in points.
    shown: Option<Rect>,
    /// Whether the stroke now running was begun here.
    stroking: bool,
}

impl CanvasView {
    /// Shows the canvas as large as the room allows and paints what the pointer did since the last
    /// frame. `painted` is set when a colour was used.
    pub fn ui(
        &mut self,
        ui: &mut egui::Ui,
        painting: &mut Painting,
        tools: &Tools,
        color: Rgb,
        painted: &mut bool,
    ) -> Option<Action> {
        let (room, response) = ui.allocate_exact_size(ui.available_size(), Sense::drag());
        response.widget_info(|| WidgetInfo::labeled(egui::Role::Canvas, true, "Canvas"));
        let rect = place(room, painting.canvas().width(), painting.canvas().height(), ui.pixels_per_point());
        self.shown = Some(rect);
        let map = Mapping { rect, width: painting.canvas().width(), height: painting.canvas().height() };
        let action = self.pointer(ui, room, &map, painting, tools, color, painted);
        self.upload(ui.ctx(), painting);
        ui.painter().rect_filled(room, 6, theme::WELL);
        if let Some(texture) = &self.texture {
            let uv = Rect::from_min_max(Pos2::ZERO, Pos2::new(1.0, 1.0));
            ui.painter().image(texture.id(), rect, uv, Color32::WHITE);
        }
        if let Some(at) = response.hover_pos() {
            self.cursor(ui, at, &map, tools, room);
        }
        action
    }

    /// Every pointer event of the frame in order: a fast drag arrives as many moves at once,
    /// sometimes with press and release in the same frame.
    #[expect(clippy::too_many_arguments, reason = "what one frame of painting touches")]
    fn pointer(
        &mut self,
        ui: &egui::Ui,
        room: Rect,
        map: &Mapping,
        painting: &mut Painting,
        tools: &Tools,
        color: Rgb,
        painted: &mut bool,
    ) -> Option<Action> {
        let mut action = None;
        let events = ui.input(|i| i.events.clone());
        for event in events {
            match event {
                Event::PointerMoved(at) if self.stroking => {
                    let (x, y) = map.to_canvas(at);
                    painting.stroke_to(x, y);
                }
                Event::PointerButton { pos, button: PointerButton::Primary, pressed: true, modifiers } => {
                    let free = room.contains(pos) && ui.ctx().layer_id_at(pos).is_none_or(|l| l == ui.layer_id());
                    if !free || !ui.is_enabled() {
                        continue;
                    }
                    let (x, y) = map.to_canvas(pos);
                    let tool = if modifiers.alt { Tool::Eyedropper } else { tools.tool };
                    let brush = Brush { color, ..tools.brush };
                    match tool {
                        Tool::Brush => {
                            *painted = true;
                            self.stroking = true;
                            painting.begin_stroke(brush, x, y);
                        }
                        Tool::Eraser => {
                            self.stroking = true;
                            painting.begin_erasing(brush, x, y);
                        }
                        Tool::Fill => {
                            if let Some((x, y)) = map.to_pixel(pos) {
                                *painted = true;
                                painting.fill(x, y, color);
                            }
                        }
                        Tool::Eyedropper => {
                            let picked = map.to_pixel(pos).and_then(|(x, y)| painting.canvas().color_at(x, y));
                            action = picked.map(Action::Pick).or(action);
                        }
                    }
                }
                Event::PointerButton { pos, button: PointerButton::Primary, pressed: false, .. } if self.stroking => {
                    let (x, y) = map.to_canvas(pos);
                    painting.stroke_to(x, y);
                    painting.end_stroke();
                    self.stroking = false;
                }
                _ => {}
            }
        }
        // The release can get lost, for example when the window loses the pointer.
        if self.stroking && !ui.input(|i| i.pointer.primary_down()) {
            painting.end_stroke();
            self.stroking = false;
        }
        action
    }

    /// Sends only the rectangle that changed.
    fn upload(&mut self, ctx: &egui::Context, painting: &mut Painting) {
        let Some(dirty) = painting.take_dirty() else { return };
        let canvas = painting.canvas();
        let size = [canvas.width(), canvas.height()];
        let options = TextureOptions::LINEAR;
        match &mut self.texture {
            Some(texture) if texture.size() == size => {
                texture.set_partial([dirty.x0, dirty.y0], pixels(painting, dirty), options);
            }
            _ => {
                let whole = pixels(painting, PixelRect::whole(size[0], size[1]));
                self.texture = Some(ctx.load_texture("canvas", whole, options));
            }
        }
    }

    /// The brush's outline, light and dark so that it shows on any colour.
    fn cursor(&self, ui: &egui::Ui, at: Pos2, map: &Mapping, tools: &Tools, room: Rect) {
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

    /// Where the canvas was last drawn, in points.
    pub fn shown(&self) -> Option<Rect> {
        self.shown
    }
}

/// The largest rectangle of the canvas' shape in the room, on whole screen pixels.
fn place(room: Rect, width: usize, height: usize, pixels_per_point: f32) -> Rect {
    let canvas = Vec2::new(width as f32, height as f32);
    let scale = (room.width() / canvas.x).min(room.height() / canvas.y).max(0.01);
    let snap = |v: f32| (v * pixels_per_point).round() / pixels_per_point;
    let size = (canvas * scale).map_each(snap);
    let min = room.center() - size / 2.0;
    Rect::from_min_size(Pos2::new(snap(min.x), snap(min.y)), size)
}

trait MapEach {
    fn map_each(self, f: impl Fn(f32) -> f32) -> Self;
}

impl MapEach for Vec2 {
    fn map_each(self, f: impl Fn(f32) -> f32) -> Self {
        Self::new(f(self.x), f(self.y))
    }
}

/// From points on screen to canvas pixels.
struct Mapping {
    rect: Rect,
    width: usize,
    height: usize,
}

impl Mapping {
    fn scale(&self) -> f32 {
        self.rect.width() / self.width as f32
    }

    fn to_canvas(&self, at: Pos2) -> (f32, f32) {
        let share = (at - self.rect.min) / self.rect.size();
        (share.x * self.width as f32, share.y * self.height as f32)
    }

    fn to_pixel(&self, at: Pos2) -> Option<(usize, usize)> {
        let (x, y) = self.to_canvas(at);
        let inside = x >= 0.0 && y >= 0.0 && x < self.width as f32 && y < self.height as f32;
        inside.then_some((x as usize, y as usize))
    }
}

fn pixels(painting: &Painting, rect: PixelRect) -> ColorImage {
    let pixels = painting.canvas().copy_rect(rect);
    let pixels = pixels.into_iter().map(|[r, g, b, _]| Color32::from_rgb(r, g, b)).collect();
    ColorImage::new([rect.width(), rect.height()], pixels)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pixel_under_the_pointer_is_the_pixel_meant_at_every_display_scale() {
        for ppp in [1.0, 1.25, 1.5, 2.0] {
            let room = Rect::from_min_size(Pos2::new(210.3, 48.7), Vec2::new(451.0, 530.0));
            let rect = place(room, 512, 512, ppp);
            let map = Mapping { rect, width: 512, height: 512 };
            assert!(room.expand(1.0).contains_rect(rect));
            let edge = rect.min.x * ppp;
            assert!((edge - edge.round()).abs() < 1e-3, "drawn between pixels at {ppp}");
            for pixel in [0, 1, 255, 511] {
                let centre = rect.min + rect.size() * ((pixel as f32 + 0.5) / 512.0);
                assert_eq!(map.to_pixel(centre), Some((pixel, pixel)), "at {ppp}");
            }
            assert_eq!(map.to_pixel(rect.min - Vec2::splat(0.1)), None);
            assert_eq!(map.to_pixel(rect.max + Vec2::splat(0.1)), None);
        }
    }

    #[test]
    fn a_wide_canvas_fits_its_room() {
        let room = Rect::from_min_size(Pos2::ZERO, Vec2::new(300.0, 300.0));
        let rect = place(room, 1024, 256, 1.0);
        assert_eq!(rect.size(), Vec2::new(300.0, 75.0));
        assert!((rect.center() - room.center()).length() <= 0.5, "{rect:?}");
    }
}
