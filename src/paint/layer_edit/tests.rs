//! Whatever is done to layers: undo gives back bytes and order.

use super::*;
use crate::paint::{
    BlendMode, Brush, Canvas, Composition, LayerDirection, Mixing, PenSample, PixelRect, Rgb, Size, Stroke,
};

const PAPER: Rgb = Rgb([250, 245, 230]);

/// Small numbers in a sequence that looks random and is the same in every run (xorshift).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end as u64) as usize
    }

    fn layer(&mut self, layers: &LayerStack) -> LayerId {
        let ids: Vec<LayerId> = layers.all().map(|layer| layer.id).collect();
        ids[self.below(ids.len())]
    }

    fn color(&mut self) -> Rgb {
        Rgb([0; 3].map(|_| self.below(256) as u8))
    }
}

fn stack(width: usize, height: usize) -> LayerStack {
    LayerStack::new(Size::new(width, height).expect("a size"))
}

/// One change that a person can make; returns the edit that takes it back and where the picture changed.
fn change(layers: &mut LayerStack, numbers: &mut Numbers) -> Option<AppliedEdit> {
    let id = numbers.layer(layers);
    let edit = match numbers.below(14) {
        0..=3 => {
            layers.choose(id);
            let size = 1.0 + numbers.below(40) as f32;
            let brush = Brush { size, opacity: 0.7, color: numbers.color(), ..Brush::default() };
            let mixing = match numbers.below(3) {
                0 => Mixing::Erase,
                1 => Mixing::PaintInside(brush.color),
                _ => Mixing::Paint(brush.color),
            };
            let (x, y) = (numbers.below(170) as f32 - 10.0, numbers.below(120) as f32 - 10.0);
            let surface = layers.current_surface_mut()?;
            let mut stroke = Stroke::begin(brush, mixing, surface, PenSample::mouse(x, y, 0.0));
            stroke.move_to(surface, PenSample::mouse(y, x, 0.0));
            let inverse = stroke.end(id, surface)?;
            return Some(AppliedEdit { inverse, area: Some(PixelRect::whole(150, 100)) });
        }
        4 => layers.add_layer(None, None),
        5 => layers.duplicate(id).ok()?,
        6 => layers.delete(id).ok()?,
        7 => layers.step(id, LayerDirection::Up).ok()?,
        8 => layers.step(id, LayerDirection::Down).ok()?,
        9 => layers.group(id).ok()?,
        10 => layers.ungroup(id).ok()?,
        11 if numbers.below(3) == 0 => match numbers.below(3) {
            0 => layers.merge_visible().ok()?,
            1 => layers.flatten(PAPER).ok()?,
            _ => layers.flatten_group(id).ok()?,
        },
        12 => layers.merge_down(id).ok()?,
        _ => {
            let mut properties = layers.get(id)?.properties.clone();
            match numbers.below(6) {
                0 => properties.visible = !properties.visible,
                1 => properties.opacity = numbers.below(256) as f32 / 255.0,
                2 => properties.blend = BlendMode::ALL[numbers.below(16)],
                3 => properties.clipped = !properties.clipped,
                4 => properties.reference = numbers.below(4) == 0,
                _ => properties.name = format!("name {}", numbers.below(9)),
            }
            LayerEdit::properties(id, properties)
        }
    };
    edit.apply(layers).ok()
}

/// Ids, parents and order of all layers, and which is the current one.
fn order(layers: &LayerStack) -> (Vec<(LayerId, Option<LayerPlace>)>, LayerId) {
    (layers.all().map(|layer| (layer.id, layers.place_of(layer.id))).collect(), layers.current())
}

#[test]
fn undo_and_redo_of_any_sequence_give_back_bytes_and_order() {
    for seed in 1..=40 {
        let mut numbers = Numbers(seed * 0x9E37_79B9);
        let mut layers = stack(150, 100);
        let (mut states, mut undo) = (vec![layers.clone()], Vec::new());
        for _ in 0..40 {
            if let Some(applied) = change(&mut layers, &mut numbers) {
                undo.push(applied.inverse);
                states.push(layers.clone());
            }
        }
        let last = layers.clone();
        let mut redo = Vec::new();
        while let Some(edit) = undo.pop() {
            states.pop();
            redo.push(edit.apply(&mut layers).expect("undone").inverse);
            let expected = states.last().expect("a state");
            assert!(layers.is_like(expected), "sequence {seed}, undo {}", states.len());
            assert_eq!(order(&layers).0, order(expected).0, "sequence {seed}");
        }
        while let Some(edit) = redo.pop() {
            edit.apply(&mut layers).expect("redone");
        }
        assert!(layers.is_like(&last), "sequence {seed}");
        assert_eq!(order(&layers), order(&last), "sequence {seed}");
    }
}

#[test]
fn composing_the_area_of_each_edit_is_as_composing_all_of_it() {
    for seed in 1..=25 {
        let mut numbers = Numbers(seed * 0x1234_5677);
        let mut layers = stack(150, 100);
        let mut canvas = Canvas::composed(&layers, PAPER, Composition::Picture);
        let mut undo = Vec::new();
        for _ in 0..50 {
            let applied = match (numbers.below(4), undo.pop()) {
                (0, Some(edit)) => LayerEdit::apply(edit, &mut layers).ok().map(|applied| (applied, false)),
                (_, last) => {
                    undo.extend(last);
                    change(&mut layers, &mut numbers).map(|applied| (applied, true))
                }
            };
            let Some((applied, is_new)) = applied else { continue };
            if is_new {
                undo.push(applied.inverse);
            }
            if let Some(area) = applied.area {
                canvas.recompose(&layers, PAPER, Composition::Picture, area);
            }
            let whole = Canvas::composed(&layers, PAPER, Composition::Picture);
            assert!(canvas.shows_the_same_as(&whole), "sequence {seed}");
        }
    }
}

#[test]
fn what_cannot_be_done_is_refused_and_changes_nothing() {
    let mut layers = stack(64, 64);
    let only = layers.current();
    assert_eq!(layers.delete(only).err(), Some(LayerError::LastLayer));
    assert_eq!(layers.step(only, LayerDirection::Up).err(), Some(LayerError::NoFurther));
    assert_eq!(layers.merge_down(only).err(), Some(LayerError::NothingBelow));
    assert_eq!(layers.ungroup(only).err(), Some(LayerError::NoGroup));
    let edit = layers.group(only).expect("groups");
    edit.apply(&mut layers).expect("applied");
    let group = layers.current();
    let before = layers.clone();
    let inside = LayerPlace { group: Some(group), index: 0 };
    assert_eq!(LayerEdit::move_to(group, inside).apply(&mut layers).err(), Some(LayerError::IntoItself));
    assert_eq!(LayerEdit::remove(LayerId(99)).apply(&mut layers).err(), Some(LayerError::Missing));
    let other = Layer::of_pixels(LayerId(50), "x", Surface::new(Size::new(10, 10).expect("a size")));
    assert_eq!(LayerEdit::insert(other, inside).apply(&mut layers).err(), Some(LayerError::OtherSize));
    // Of several changes the first ones are taken back.
    let several = LayerEdit::several([
        LayerEdit::move_to(only, LayerPlace { group: None, index: 0 }),
        LayerEdit::remove(LayerId(99)),
    ]);
    assert_eq!(several.apply(&mut layers).err(), Some(LayerError::Missing));
    assert!(layers.is_like(&before) && order(&layers) == order(&before));
    for _ in 0..LayerStack::MAX_DEPTH + 3 {
        if let Ok(edit) = layers.group(only) {
            let _ = edit.apply(&mut layers);
        }
    }
    let depth = layers.path_to(only).len() - 1;
    assert_eq!(depth, LayerStack::MAX_DEPTH);
}

#[test]
fn an_edit_counts_the_tiles_it_keeps() {
    let mut layers = stack(256, 256);
    let id = layers.current();
    let surface = layers.current_surface_mut().expect("pixels");
    let (brush, place) = (Brush { size: 10.0, ..Brush::default() }, PenSample::mouse(32.0, 32.0, 0.0));
    let stroke = Stroke::begin(brush, Mixing::Paint(PAPER), surface, place);
    let undo = stroke.end(id, surface).expect("painted");
    assert_eq!(undo.bytes(), 0, "there was nothing before");
    let redo = undo.apply(&mut layers).expect("undone").inverse;
    assert_eq!(redo.bytes(), Tile::BYTES);
    redo.apply(&mut layers).expect("redone");
    let copy = layers.duplicate(id).expect("copies").apply(&mut layers).expect("applied").inverse;
    assert_eq!(copy.bytes(), 0);
    assert_eq!(copy.apply(&mut layers).expect("undone").inverse.bytes(), Tile::BYTES);
}
