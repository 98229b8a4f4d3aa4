//! The canvas widget: its texture, the pointer on it, and the outline of the tool.

use egui::{CursorIcon, Pos2, Rect, Sense, WidgetInfo};

use super::in_place::InPlace;
use super::marks_overlay::MarksOverlay;
use super::navigation::Navigation;
use super::pixel_grid;
use super::pointer::Pointer;
use super::textures::CanvasTextures;
use super::tools::{Outcome, ToolContext, crop, frame, object, transform};
use super::viewport::{CanvasRoom, CanvasViewport};
use crate::document::{Document, SlowEdit, Viewpoint};
use crate::paint::StrokePlan;
use crate::ui::color::ColorPanel;
use crate::ui::keyboard::Keyboard;
use crate::ui::live::LiveOverlay;
#[cfg(target_os = "linux")]
use crate::ui::pens::Pens;
use crate::ui::select::ToolOptions;
use crate::ui::{CanvasCommand, Tool, UserCommand, theme};

/// Shows the canvas and paints on it.
#[derive(Default)]
pub(in crate::ui) struct CanvasView {
    textures: CanvasTextures,
    marks: MarksOverlay,
    viewport: CanvasViewport,
    navigation: Navigation,
    /// Where the canvas was last drawn, and where the pointer was if it was over it.
    shown: Option<(CanvasRoom, Option<Pos2>)>,
    pointer: Pointer,
    /// A frame of live painting to be drawn over the canvas in the next frame.
    live: Option<LiveOverlay>,
    /// A picture to be drawn over the canvas in the next frame.
    in_place: Option<InPlace>,
}

impl CanvasView {
    /// Shows the canvas in all the room there is, after painting what the pointer did since the last frame.
    pub fn ui(
        &mut self,
        ui: &mut egui::Ui,
        document: &mut Document,
        (tool, options): (Tool, &ToolOptions),
        plan: StrokePlan,
        color: &mut ColorPanel,
        (keyboard, is_busy): (&Keyboard, bool),
    ) -> Vec<UserCommand> {
        let (rect, response) = ui.allocate_exact_size(ui.available_size(), Sense::drag());
        response.widget_info(|| WidgetInfo::labeled(egui::Role::Canvas, true, "Canvas"));
        let size = (document.canvas().width(), document.canvas().height());
        let room = CanvasRoom { rect, size, pixels_per_point: ui.pixels_per_point() };
        let hovered = response.hover_pos();
        let mut outcome = Outcome::default();
        if self.navigation.follow(ui, hovered, &mut self.viewport, &room) {
            // The first finger began a stroke before the second one came.
            let taken_back = self.pointer.abandon(document);
            outcome.commands.extend(taken_back.map(|edit| CanvasCommand::Edit(Box::new(edit)).into()));
        }
        let brush = plan.brush.clone();
        let mut context = ToolContext {
            document: &mut *document,
            plan,
            color: color.color(),
            options,
            outcome: &mut outcome,
            is_busy,
        };
        self.pointer.choose(tool);
        let view = (&mut self.navigation, &mut self.viewport);
        self.pointer.follow(ui, &room, view, keyboard, &mut context);
        if outcome.painted {
            color.used();
        }
        self.shown = Some((room, hovered));
        let map = self.viewport.mapping(&room);
        self.textures.update(ui.ctx(), document, self.viewport.zoom(&room));
        ui.painter().rect_filled(rect, 6, theme::WELL);
        let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
        self.textures.paint(&painter, &map);
        if let Some(frame) = self.live.take() {
            frame.paint(&painter, &map);
        }
        let in_place = self.in_place.take();
        if let Some(picture) = &in_place {
            picture.paint(ui, &map, rect);
        }
        pixel_grid::paint(&painter, &map, &room);
        self.marks.update(ui.ctx(), document);
        self.marks.paint(&painter, &map, options.shows_mask, !document.is_transforming());
        transform::frame(&painter, &map, document);
        frame::frame(&painter, &map, document, tool == Tool::Frame);
        if tool == Tool::Crop {
            crop::frame(&painter, &map, document, options.crop);
        }
        if tool == Tool::Object {
            object::marks(&painter, &map, document, options);
        }
        self.pointer.chosen().overlay(&painter, &map, hovered);
        match hovered {
            _ if self.navigation.is_dragging() => ui.ctx().set_cursor_icon(CursorIcon::Grabbing),
            Some(_) if is_busy => ui.ctx().set_cursor_icon(CursorIcon::Progress),
            Some(_) if self.navigation.is_grabbing() => ui.ctx().set_cursor_icon(CursorIcon::Grab),
            Some(at) => {
                ui.ctx().set_cursor_icon(CursorIcon::Crosshair);
                // With Alt held a press takes a colour, whatever the tool.
                if self.is_stroking() || !ui.input(|i| i.modifiers.alt) {
                    self.pointer.chosen().outline(&painter, at, &map, &brush);
                }
            }
            None => {}
        }
        outcome.commands
    }

    /// Draws this picture over the canvas in the next frame; the canvas stays as it is.
    pub fn show_in_place(&mut self, picture: Option<InPlace>) {
        self.in_place = picture;
    }

    /// Draws this frame of live painting over the canvas in the next frame, below a picture in place.
    pub fn show_live(&mut self, frame: Option<LiveOverlay>) {
        self.live = frame;
    }

    /// Asks these pens how they are held.
    #[cfg(target_os = "linux")]
    pub fn use_pens(&mut self, pens: Pens) {
        self.pointer.use_pens(pens);
    }

    /// Whether a stroke is being painted.
    pub fn is_stroking(&self) -> bool {
        self.pointer.is_following()
    }

    /// Whether the tool in use began something that waits for more clicks or keys.
    pub fn is_pending(&self) -> bool {
        self.pointer.chosen().is_pending()
    }

    /// Finishes what the tool in use began; returns the edit that it becomes.
    pub fn finish_tool(&mut self, options: &ToolOptions) -> Option<SlowEdit> {
        self.pointer.chosen_mut().finish(options)
    }

    /// Leaves what the tool in use began.
    pub fn forget_tool(&mut self) {
        self.pointer.chosen_mut().forget();
    }

    /// Takes back the stroke that is being painted. Where that takes long, the edit that does it is returned.
    #[must_use]
    pub fn abandon_stroke(&mut self, document: &mut Document) -> Option<SlowEdit> {
        self.pointer.abandon(document)
    }

    /// The smallest upright rectangle around the canvas where it was last drawn, in points. Parts of it may be out of
    /// view.
    pub fn shown(&self) -> Option<Rect> {
        self.shown.map(|(room, _)| self.viewport.mapping(&room).bounds())
    }

    /// The canvas pixel that was last drawn at a point on screen; `None` beside the canvas.
    pub fn pixel_at(&self, at: Pos2) -> Option<(usize, usize)> {
        let (room, _) = self.shown.filter(|(room, _)| room.rect.contains(at))?;
        self.viewport.mapping(&room).to_pixel(at)
    }

    /// Where a place on the canvas, in pixels, was last drawn on screen.
    pub fn on_screen(&self, x: f32, y: f32) -> Option<Pos2> {
        self.shown.map(|(room, _)| self.viewport.mapping(&room).to_screen(x, y))
    }

    /// Which part of the canvas is in view.
    pub fn viewpoint(&self) -> Viewpoint {
        self.viewport.viewpoint()
    }

    /// Shows another part of the canvas.
    pub fn use_viewpoint(&mut self, viewpoint: Viewpoint) {
        self.viewport.use_viewpoint(viewpoint);
    }

    /// The view with the room it was last shown in, and where keys zoom: at the pointer where it is over the canvas,
    /// else in the middle. `None` before the canvas was first shown.
    pub(in crate::ui) fn viewport_mut(&mut self) -> Option<(&mut CanvasViewport, CanvasRoom, Pos2)> {
        let (room, pointer) = self.shown?;
        Some((&mut self.viewport, room, pointer.unwrap_or_else(|| room.rect.center())))
    }

    /// The zoom in screen pixels per canvas pixel, and whether it follows the size of the room.
    pub fn zoom(&self) -> Option<(f32, bool)> {
        self.shown.map(|(room, _)| (self.viewport.zoom(&room), self.viewport.is_fitted()))
    }
}
