use super::*;
use crate::paint::{LayerEdit, LayerError, LayerId, LayerPlace, LayerProperties};

const PAPER: Rgb = Rgb([255, 255, 255]);

/// A surface with one pixel value in a rectangle.
fn patch(rect: PixelRect, pixel: [u8; 4]) -> Surface {
    let rgba: Vec<u8> = (0..70 * 70)
        .flat_map(|i| {
            let (x, y) = (i % 70, i / 70);
            if rect.x0 <= x && x < rect.x1 && rect.y0 <= y && y < rect.y1 { pixel } else { [0; 4] }
        })
        .collect();
    Surface::from_rgba(70, 70, &rgba).expect("a size")
}

fn left() -> PixelRect {
    PixelRect { x0: 0, y0: 0, x1: 35, y1: 70 }
}

fn upper() -> PixelRect {
    PixelRect { x0: 0, y0: 0, x1: 70, y1: 35 }
}

/// Two layers: blue in the left half, red in the upper half.
fn two(red: impl FnOnce(&mut LayerProperties)) -> (LayerStack, LayerId) {
    let mut layers = LayerStack::of_surface("blue", patch(left(), [0, 0, 255, 255]));
    let edit = layers.add_layer(Some("red"), Some(patch(upper(), [255, 0, 0, 255])));
    edit.apply(&mut layers).expect("added");
    let id = layers.current();
    let mut properties = layers.get(id).expect("there").properties.clone();
    red(&mut properties);
    LayerEdit::properties(id, properties).apply(&mut layers).expect("set");
    (layers, id)
}

/// The colours in the upper left, upper right, lower left and lower right of the composed picture.
fn quarters(layers: &LayerStack, composition: Composition) -> [[u8; 3]; 4] {
    let canvas = Canvas::composed(layers, PAPER, composition);
    [(5, 5), (68, 5), (5, 68), (68, 68)].map(|(x, y)| canvas.color_at(x, y).expect("inside").0)
}

const RED: [u8; 3] = [255, 0, 0];
const BLUE: [u8; 3] = [0, 0, 255];
const WHITE: [u8; 3] = [255; 3];

#[test]
fn the_upper_layer_lies_on_the_lower_one_and_both_on_paper() {
    let (layers, _) = two(|_| {});
    assert_eq!(quarters(&layers, Composition::Picture), [RED, RED, BLUE, WHITE]);
    let (layers, _) = two(|red| red.opacity = 0.5);
    assert_eq!(quarters(&layers, Composition::Picture), [[128, 0, 127], [255, 127, 127], BLUE, WHITE]);
    let (layers, _) = two(|red| red.blend = BlendMode::Multiply);
    assert_eq!(quarters(&layers, Composition::Picture), [[0; 3], RED, BLUE, WHITE]);
    let (layers, _) = two(|red| red.visible = false);
    assert_eq!(quarters(&layers, Composition::Picture), [BLUE, WHITE, BLUE, WHITE]);
}

#[test]
fn a_clipped_layer_shows_where_the_one_below_does_and_goes_with_it() {
    let (mut layers, red) = two(|red| red.clipped = true);
    assert_eq!(quarters(&layers, Composition::Picture), [RED, WHITE, BLUE, WHITE]);
    let blue = layers.layers()[0].id;
    let hidden = LayerProperties { visible: false, ..layers.get(blue).expect("there").properties.clone() };
    let shown = LayerEdit::properties(blue, hidden).apply(&mut layers).expect("hidden").inverse;
    assert_eq!(quarters(&layers, Composition::Picture), [WHITE; 4]);
    shown.apply(&mut layers).expect("shown");
    // Without anything below it is drawn as any other.
    LayerEdit::move_to(red, LayerPlace { group: None, index: 0 }).apply(&mut layers).expect("moved");
    assert_eq!(quarters(&layers, Composition::Picture), [BLUE, RED, BLUE, WHITE]);
}

#[test]
fn a_group_is_drawn_apart_and_then_meets_what_is_below() {
    let (mut layers, red) = two(|red| red.blend = BlendMode::Multiply);
    layers.group(red).expect("groups").apply(&mut layers).expect("grouped");
    assert_eq!(quarters(&layers, Composition::Picture), [RED, RED, BLUE, WHITE], "nothing to multiply with inside");
    let group = layers.current();
    let half = LayerProperties { opacity: 0.5, ..layers.get(group).expect("there").properties.clone() };
    LayerEdit::properties(group, half).apply(&mut layers).expect("set");
    assert_eq!(quarters(&layers, Composition::Picture), [[128, 0, 127], [255, 127, 127], BLUE, WHITE]);
}

#[test]
fn a_reference_layer_is_seen_and_not_in_the_picture() {
    let (layers, _) = two(|red| red.reference = true);
    assert_eq!(quarters(&layers, Composition::Picture), [BLUE, WHITE, BLUE, WHITE]);
    assert_eq!(quarters(&layers, Composition::Screen), [RED, RED, BLUE, WHITE]);
    assert!(layers.shows_references());
}

type Merge = fn(&mut LayerStack, LayerId) -> Result<LayerEdit, LayerError>;

#[test]
fn merging_keeps_what_is_seen() {
    let changes: [fn(&mut LayerProperties); 3] =
        [|red| red.opacity = 0.3, |red| red.clipped = true, |red| red.blend = BlendMode::Difference];
    for (number, red) in changes.into_iter().enumerate() {
        let (layers, id) = two(red);
        let merges: [Merge; 3] =
            [|layers, _| layers.flatten(PAPER), |layers, id| layers.merge_down(id), |layers, _| layers.merge_visible()];
        for (way, merge) in merges.into_iter().enumerate() {
            let mut merged = layers.clone();
            let edit = merge(&mut merged, id).expect("merges");
            edit.apply(&mut merged).expect("applied");
            assert_eq!(merged.layers().len(), 1);
            let before = quarters(&layers, Composition::Picture);
            let mut after = quarters(&merged, Composition::Picture);
            if number == 2 && way > 0 {
                // Only flattening knows the paper, of which a difference is another colour.
                assert_eq!((before[1], after[1]), ([0, 255, 255], RED));
                after[1] = before[1];
            }
            assert_eq!(before, after, "change {number}, way {way}");
        }
    }
}

#[test]
fn a_single_opaque_layer_is_the_picture_itself() {
    let rgb: Vec<u8> = (0..70 * 70 * 3).map(|i| (i * i / 7) as u8).collect();
    let canvas = Canvas::from_rgb(70, 70, &rgb).expect("a size");
    let mut layers = LayerStack::of_surface("a", Surface::from_canvas(&canvas));
    assert!(Canvas::composed(&layers, PAPER, Composition::Picture).shows_the_same_as(&canvas));
    layers.add_layer(None, None).apply(&mut layers).expect("added");
    assert!(Canvas::composed(&layers, PAPER, Composition::Picture).shows_the_same_as(&canvas));
}

#[test]
fn over_an_underlay_the_picture_is_the_same() {
    let modes = [BlendMode::Normal, BlendMode::Multiply, BlendMode::Difference, BlendMode::Luminosity];
    let corner = |i: usize| PixelRect { x0: 3 * i, y0: 5 * i, x1: 40 + 6 * i, y1: 70 - 4 * i };
    // Bit by bit: which layers are clipped, whether one covers everything, whether two are in a group.
    for case in 0..2_usize.pow(8) {
        let mut layers = LayerStack::of_surface("0", patch(corner(0), [10, 200, 90, 255]));
        for i in 1..6 {
            let alpha = if i == 4 && case & 64 > 0 { 255 } else { 150 };
            let rect = if alpha == 255 { PixelRect::whole(70, 70) } else { corner(i) };
            let surface = patch(rect, [200, 20 * i as u8, 255 - 30 * i as u8, alpha]);
            layers.add_layer(None, Some(surface)).apply(&mut layers).expect("added");
            let of = LayerProperties {
                clipped: case & (1 << i) > 0,
                opacity: if alpha == 255 { 1.0 } else { 0.7 },
                blend: if alpha == 255 { BlendMode::Normal } else { modes[i % 4] },
                reference: i == 1,
                ..layers.get(layers.current()).expect("there").properties.clone()
            };
            LayerEdit::properties(layers.current(), of).apply(&mut layers).expect("set");
        }
        let ids: Vec<LayerId> = layers.layers().iter().map(|layer| layer.id).collect();
        if case & 128 > 0 {
            layers.group(ids[3]).expect("groups").apply(&mut layers).expect("grouped");
        }
        for (id, composition) in ids.iter().zip([Composition::Picture, Composition::Screen].into_iter().cycle()) {
            let Some(mut underlay) = Underlay::below(&layers, *id, PAPER, composition) else { continue };
            let (mut slow, mut quick) = (layers.clone(), layers.clone());
            let mut drawn = Canvas::composed(&quick, PAPER, composition);
            for i in 0..3 {
                let area = PixelRect { x0: 20 * i, y0: 10, x1: 20 * i + 30, y1: 60 };
                for stack in [&mut slow, &mut quick] {
                    let place = TilePlace { row: 0, column: 0 };
                    let tile = stack.surface_mut(*id).and_then(|surface| surface.tile_mut(place)).expect("there");
                    (10..60).for_each(|y| tile.row_mut(y)[(20 * i).min(63)..].fill([9, 70, 80 * i as u8, 200]));
                }
                drawn.recompose_over(&mut underlay, &quick, PAPER, composition, PixelRect { x1: 70, ..area });
                assert!(drawn.shows_the_same_as(&Canvas::composed(&slow, PAPER, composition)), "{case}, {id:?}, {i}");
            }
        }
    }
}

#[test]
fn an_underlay_of_other_layers_is_not_used() {
    let (layers, red) = two(|_| {});
    assert!(Underlay::below(&layers, red, PAPER, Composition::Picture).is_none(), "one layer is drawn as quickly");
    let mut three = layers;
    three.add_layer(None, None).apply(&mut three).expect("added");
    let top = three.current();
    let mut underlay = Underlay::below(&three, top, PAPER, Composition::Picture).expect("two below");
    let black = Rgb([0; 3]);
    let mut canvas = Canvas::composed(&three, black, Composition::Picture);
    canvas.recompose_over(&mut underlay, &three, black, Composition::Picture, PixelRect::whole(70, 70));
    assert!(canvas.shows_the_same_as(&Canvas::composed(&three, black, Composition::Picture)));
    three.remove(top).expect("removed");
    let small = three;
    canvas.recompose_over(&mut underlay, &small, PAPER, Composition::Picture, PixelRect::whole(70, 70));
    assert!(canvas.shows_the_same_as(&Canvas::composed(&small, PAPER, Composition::Picture)));
}
