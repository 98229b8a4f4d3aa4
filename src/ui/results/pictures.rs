//! The pictures of the round on show, and their textures.

use std::collections::HashMap;
use std::sync::Arc;

use egui::{Color32, ColorImage, Pos2, Rect, TextureFilter, TextureHandle, TextureId, TextureOptions, Ui};
use image::RgbImage;

use crate::document::{ResultId, Round, Slot, State};
use crate::ui::result_memory::ResultMemory;
use crate::ui::theme;

/// Without mipmaps a picture made small would show every fourth pixel only.
const SMOOTH: TextureOptions = TextureOptions::LINEAR.with_mipmap_mode(Some(TextureFilter::Linear));

/// The textures of one round. Each is uploaded when it is first shown, and again when its picture changes.
#[derive(Default)]
pub(super) struct Pictures {
    textures: HashMap<ResultId, Texture>,
    /// The picture that was last shown with its pixels as squares.
    sharp: Option<(ResultId, Texture)>,
    /// Where pictures were drawn in the last frame.
    pub drawn: Vec<DrawnPicture>,
}

/// Where a picture was drawn.
pub(super) struct DrawnPicture {
    pub id: ResultId,
    /// Where it lies, in points.
    pub rect: Rect,
    /// The part that is in view, in points.
    pub seen: Rect,
}

struct Texture {
    /// The slot's revision that it shows.
    revision: u64,
    handle: TextureHandle,
}

impl Pictures {
    /// Frees all textures.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Draws one picture of the round inside `room`: the result, its preview, or a word why there is none. Only a
    /// `large` place has room for a sentence.
    pub fn paint(&mut self, ui: &Ui, round: &Round, image: usize, memory: &ResultMemory, room: Rect, large: bool) {
        let Some(slot) = round.slots.get(image) else { return };
        let id = ResultId { round: round.id, image };
        match self.texture(ui.ctx(), id, slot) {
            Some(texture) => {
                let rect = paint_fitted(ui, texture, room);
                self.drawn.push(DrawnPicture { id, rect, seen: rect.intersect(ui.clip_rect()) });
            }
            None => {
                let size = if large { 14.0 } else { 11.0 };
                let text = words(&slot.state, memory.unreadable(id), large);
                centred(ui, room, text, size);
            }
        }
    }

    /// The texture of what can be seen of a result: itself or its preview. If the pixels are not at hand, it is the one
    /// that was uploaded before. With `sharp` the pixels of a finished result are shown as squares.
    pub fn texture_in_place(
        &mut self,
        ctx: &egui::Context,
        id: ResultId,
        slot: &Slot,
        sharp: bool,
    ) -> Option<TextureId> {
        let finished = slot.result().and_then(|result| result.image.pixels()).filter(|_| sharp);
        let Some(pixels) = finished else { return self.texture(ctx, id, slot).map(TextureHandle::id) };
        let is_known = |(known, texture): &(ResultId, Texture)| *known == id && texture.revision == slot.revision;
        if !self.sharp.as_ref().is_some_and(is_known) {
            let handle = ctx.load_texture("result in place", color_image(pixels), TextureOptions::NEAREST);
            self.sharp = Some((id, Texture { revision: slot.revision, handle }));
        }
        self.sharp.as_ref().map(|(_, texture)| texture.handle.id())
    }

    fn texture(&mut self, ctx: &egui::Context, id: ResultId, slot: &Slot) -> Option<&TextureHandle> {
        let picture: Option<&Arc<RgbImage>> = match &slot.state {
            State::Waiting | State::Dropped | State::Deleted(_) => None,
            State::Denoising { preview, .. } => Some(preview),
            State::Done(result) => result.image.pixels(),
        };
        let is_known = self.textures.get(&id).is_some_and(|texture| texture.revision == slot.revision);
        if let (false, Some(picture)) = (is_known, picture) {
            match self.textures.get_mut(&id) {
                Some(texture) => {
                    texture.handle.set(color_image(picture), SMOOTH);
                    texture.revision = slot.revision;
                }
                None => {
                    let handle = ctx.load_texture("result", color_image(picture), SMOOTH);
                    self.textures.insert(id, Texture { revision: slot.revision, handle });
                }
            }
        }
        self.textures.get(&id).filter(|_| is_known || picture.is_some()).map(|texture| &texture.handle)
    }
}

/// Draws a picture as large as `room` allows. Returns where it lies.
pub(super) fn paint_fitted(ui: &Ui, texture: &TextureHandle, room: Rect) -> Rect {
    let size = texture.size_vec2();
    let size = size * (room.width() / size.x).min(room.height() / size.y);
    let uv = Rect::from_min_max(Pos2::ZERO, Pos2::new(1.0, 1.0));
    let rect = Rect::from_center_size(room.center(), size);
    ui.painter().image(texture.id(), rect, uv, Color32::WHITE);
    rect
}

/// What is written where a picture is not at hand. `unreadable` says why it cannot be read; only a `large`
/// place has room for that.
fn words<'a>(state: &State, unreadable: Option<&'a str>, large: bool) -> &'a str {
    match (state, unreadable) {
        (State::Waiting, _) => "waiting",
        (State::Dropped, _) => "not made",
        (State::Deleted(_), _) => "deleted",
        (State::Denoising { .. }, _) => "",
        (State::Done(_), Some(reason)) if large => reason,
        (State::Done(_), Some(_)) => "cannot be read",
        (State::Done(_), None) => "loading",
    }
}

/// Writes a text in the middle of a place, in several lines where it is long.
pub(super) fn centred(ui: &Ui, room: Rect, text: &str, size: f32) {
    let color = theme::WELL_TEXT;
    let width = (room.width() - 16.0).max(40.0);
    let galley = ui.painter().layout(text.into(), egui::FontId::proportional(size), color, width);
    let at = room.center() - galley.size() / 2.0;
    ui.painter().with_clip_rect(room).galley(at, galley, color);
}

/// The picture in egui's format, for textures and the clipboard.
pub(in crate::ui) fn color_image(picture: &RgbImage) -> ColorImage {
    ColorImage::from_rgb([picture.width() as usize, picture.height() as usize], picture.as_raw())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;
    use crate::engine::{Recipe, Settings};
    use crate::paint::{Rgb, Size};

    #[test]
    fn a_result_whose_file_is_gone_does_not_load_for_ever() {
        let mut document = Document::new(Size::DEFAULT, Rgb::WHITE, Settings::default());
        let (round, _) = document.begin_round(1, "starter".into());
        let recipe = Recipe { seed: 1, model: "m".into(), ..Recipe::default() };
        let id = ResultId { round, image: 0 };
        document.rounds_mut().finished(id, Arc::new(RgbImage::new(8, 8)), Arc::new(recipe));
        let state = &document.rounds().slot(round, 0).expect("a slot").state;
        let gone = Some("a.png could not be read: it does not exist.");
        assert_eq!(words(state, None, true), "loading");
        assert_eq!(words(state, gone, true), "a.png could not be read: it does not exist.");
        assert_eq!(words(state, gone, false), "cannot be read");
        assert_eq!(words(&State::Waiting, None, false), "waiting");
    }
}
