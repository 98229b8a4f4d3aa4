//! Any layers come back from a file as they were.

use super::tests::{opened, written};
use super::*;
use crate::document::property_tests::Numbers;
use crate::paint::{BlendMode, Layer, LayerContent, LayerId, LayerProperties, LayerStack, Rgb, Size, Surface};

const NAMES: [&str; 6] =
    ["Layer 1", "a \"quoted\" <name> & more", " spaces  inside ", "Äpfel 🍏\u{200b}", "'", "]]>&amp;"];

fn properties(numbers: &mut Numbers) -> LayerProperties {
    let mut one_in = |n: u64| numbers.below(n) == 0;
    let (visible, locked, alpha_locked) = (!one_in(4), one_in(4), one_in(4));
    let (clipped, reference) = (one_in(2), one_in(6));
    LayerProperties {
        visible,
        locked,
        alpha_locked,
        clipped,
        reference,
        opacity: if numbers.below(2) == 0 { 1.0 } else { numbers.below(1000) as f32 / 999.0 },
        blend: match numbers.below(2) {
            0 => BlendMode::Normal,
            _ => BlendMode::ALL[numbers.below(16) as usize],
        },
        ..LayerProperties::named(NAMES[numbers.below(6) as usize])
    }
}

fn surface(size: Size, numbers: &mut Numbers) -> Surface {
    let place = (numbers.below(200) as i64 - 40, numbers.below(100) as i64 - 20);
    let (width, height) = (1 + numbers.below(60) as usize, 1 + numbers.below(60) as usize);
    match numbers.below(6) {
        0 => Surface::new(size),
        1 => Surface::filled(size, Rgb([0; 3].map(|_| numbers.below(256) as u8))),
        _ => {
            let pixels: Vec<[u8; 4]> = (0..width * height).map(|_| [0; 4].map(|_| numbers.below(256) as u8)).collect();
            Surface::with_picture(size, place, width, &pixels)
        }
    }
}

fn layers(size: Size, numbers: &mut Numbers, next: &mut u64, depth: usize) -> Vec<Layer> {
    let count = numbers.below(5) + u64::from(depth == 0);
    let mut list = Vec::new();
    for _ in 0..count {
        let id = LayerId(*next);
        *next += 1;
        let properties = properties(numbers);
        let content = match depth < 3 && numbers.below(3) == 0 {
            true => LayerContent::Group(layers(size, numbers, next, depth + 1)),
            false => LayerContent::Pixels(surface(size, numbers)),
        };
        list.push(Layer { id, properties, content });
    }
    list
}

#[test]
fn any_layers_come_back() {
    let mut numbers = Numbers(0x5eed);
    for case in 0..60 {
        let size = Size::new(1 + numbers.below(150) as usize, 1 + numbers.below(90) as usize).expect("a size");
        let mut next = 1;
        let list = layers(size, &mut numbers, &mut next, 0);
        let current = LayerId(1 + numbers.below(next - 1));
        let layers = LayerStack::from_layers(size, list, current).expect("layers");
        let paper = (numbers.below(3) > 0).then(|| Rgb([0; 3].map(|_| numbers.below(256) as u8)));
        let before = OpenRaster { layers, paper, notes: Vec::new() };
        let after = opened(&written(&before));
        assert!(after.layers.is_like(&before.layers), "{case}:\n{:#?}\n{:#?}", before.lines(), after.lines());
        assert_eq!((after.paper, after.notes), (before.paper, Vec::new()), "{case}");
        let place = |stack: &LayerStack| stack.all().position(|layer| layer.id == stack.current());
        assert_eq!(place(&after.layers), place(&before.layers), "{case}: the current layer");
        assert_eq!(OpenRaster { notes: Vec::new(), ..after }.flattened(), before.flattened(), "{case}: the picture");
    }
}
