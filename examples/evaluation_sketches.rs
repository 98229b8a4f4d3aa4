//! Paints the sketches that the starter model is judged by: 20 things, three times each.
//!
//! `cargo run --release --example evaluation_sketches -- FOLDER` writes `apple-0.png` … and
//! `sketches.json`. The third of each has an odd colour, and its prompt says so. Nothing here was
//! ever seen in training: the hand is this file, the brush is the program's own paint engine.

use std::path::PathBuf;

use serde_json::json;
use underpaint::paint::{Brush, Canvas, Composition, LayerStack, Mixing, PenSample, Rgb, Size, Stroke, Surface};
use underpaint::picture::{encode_png, write_atomically};

const GREEN: Rgb = Rgb([70, 130, 40]);
const BROWN: Rgb = Rgb([101, 67, 33]);
const WHITE: Rgb = Rgb([250, 245, 235]);
const DARK: Rgb = Rgb([70, 45, 35]);

/// A thing, its name in the pictures' index, its usual colours and an odd one.
struct Thing {
    name: &'static str,
    usual: [(&'static str, [u8; 3]); 2],
    odd: (&'static str, [u8; 3]),
    draw: fn(&mut Hand, Rgb),
}

/// Draws in coordinates of a 512-pixel sheet, moved, scaled and a little unsteady.
struct Hand {
    sheet: Surface,
    shift: (f32, f32),
    scale: f32,
    wobble: f32,
    state: u32,
}

impl Hand {
    fn new(paper: Rgb, variant: usize, seed: u32) -> Self {
        let (shift, scale) = [((0.0, 0.0), 1.0), ((24.0, -12.0), 0.85), ((-16.0, 10.0), 1.1)][variant];
        Self { sheet: Surface::filled(Size::DEFAULT, paper), shift, scale, wobble: 5.0, state: seed | 1 }
    }

    /// A number in -1..1 (xorshift; good enough for an unsteady hand).
    fn jitter(&mut self) -> f32 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 17;
        self.state ^= self.state << 5;
        (self.state >> 8) as f32 / (1 << 23) as f32 - 1.0
    }

    fn place(&mut self, (x, y): (f32, f32)) -> (f32, f32) {
        let (dx, dy) = (self.jitter() * self.wobble, self.jitter() * self.wobble);
        (256.0 + (x - 256.0) * self.scale + self.shift.0 + dx, 256.0 + (y - 256.0) * self.scale + self.shift.1 + dy)
    }

    fn line(&mut self, color: Rgb, size: f32, points: &[(f32, f32)]) {
        let brush = Brush { size: size * self.scale, hardness: 0.85, color, ..Brush::default() };
        let mut stroke: Option<Stroke> = None;
        for point in points {
            let (x, y) = self.place(*point);
            let sample = PenSample::mouse(x, y, 0.0);
            match &mut stroke {
                Some(stroke) => {
                    stroke.move_to(&mut self.sheet, sample);
                }
                None => stroke = Some(Stroke::begin(brush.clone(), Mixing::Paint(color), &mut self.sheet, sample)),
            }
        }
    }

    /// A filled ellipse, painted as a person does: round and round, inwards.
    fn blob(&mut self, color: Rgb, (cx, cy): (f32, f32), (rx, ry): (f32, f32)) {
        let size = rx.min(ry) * 0.8;
        let mut inset = size / 2.0;
        loop {
            let (ax, ay) = ((rx - inset).max(0.0), (ry - inset).max(0.0));
            let turn: Vec<(f32, f32)> = (0..=20)
                .map(|i| {
                    let angle = i as f32 / 20.0 * std::f32::consts::TAU;
                    (cx + ax * angle.cos(), cy + ay * angle.sin())
                })
                .collect();
            self.line(color, size, &turn);
            if ax.min(ay) < size / 2.0 {
                return;
            }
            inset += size * 0.7;
        }
    }

    fn dots(&mut self, color: Rgb, size: f32, places: &[(f32, f32)]) {
        for place in places {
            self.line(color, size, &[*place]);
        }
    }
}

fn darker(color: Rgb) -> Rgb {
    Rgb(color.0.map(|v| (f32::from(v) * 0.72) as u8))
}

fn arc(centre: (f32, f32), radius: (f32, f32), from: f32, to: f32) -> Vec<(f32, f32)> {
    (0..=16)
        .map(|i| (from + (to - from) * i as f32 / 16.0).to_radians())
        .map(|angle| (centre.0 + radius.0 * angle.cos(), centre.1 + radius.1 * angle.sin()))
        .collect()
}

fn apple(hand: &mut Hand, color: Rgb) {
    hand.blob(color, (256.0, 300.0), (125.0, 115.0));
    hand.line(darker(color), 34.0, &arc((256.0, 300.0), (88.0, 80.0), 30.0, 120.0));
    hand.line(BROWN, 16.0, &[(256.0, 215.0), (262.0, 170.0), (276.0, 140.0)]);
    hand.line(GREEN, 30.0, &[(282.0, 172.0), (330.0, 150.0)]);
}

fn pear(hand: &mut Hand, color: Rgb) {
    hand.blob(color, (256.0, 325.0), (108.0, 100.0));
    hand.blob(color, (256.0, 215.0), (62.0, 80.0));
    hand.line(BROWN, 15.0, &[(256.0, 145.0), (268.0, 95.0)]);
}

fn tangerine(hand: &mut Hand, color: Rgb) {
    hand.blob(color, (256.0, 285.0), (125.0, 115.0));
    hand.line(GREEN, 28.0, &[(262.0, 170.0), (315.0, 145.0)]);
}

fn lemon(hand: &mut Hand, color: Rgb) {
    hand.blob(color, (256.0, 266.0), (130.0, 95.0));
    hand.line(color, 50.0, &[(370.0, 230.0), (400.0, 215.0)]);
    hand.line(color, 40.0, &[(140.0, 300.0), (120.0, 310.0)]);
}

fn banana(hand: &mut Hand, color: Rgb) {
    hand.line(color, 82.0, &arc((270.0, 140.0), (165.0, 205.0), 25.0, 150.0));
    hand.line(DARK, 26.0, &[(120.0, 232.0), (112.0, 214.0)]);
    hand.line(DARK, 22.0, &[(424.0, 214.0), (434.0, 196.0)]);
}

fn tomato(hand: &mut Hand, color: Rgb) {
    hand.blob(color, (256.0, 290.0), (135.0, 112.0));
    for end in [(200.0, 170.0), (230.0, 225.0), (290.0, 222.0), (318.0, 172.0)] {
        hand.line(GREEN, 20.0, &[(256.0, 190.0), end]);
    }
}

fn strawberry(hand: &mut Hand, color: Rgb) {
    hand.blob(color, (256.0, 260.0), (108.0, 80.0));
    hand.blob(color, (256.0, 330.0), (72.0, 80.0));
    for end in [(180.0, 180.0), (225.0, 160.0), (290.0, 160.0), (335.0, 180.0)] {
        hand.line(GREEN, 28.0, &[(256.0, 195.0), end]);
    }
    let seeds = [(215.0, 250.0), (256.0, 270.0), (300.0, 250.0), (235.0, 310.0), (280.0, 312.0), (256.0, 360.0)];
    hand.dots(Rgb([250, 215, 120]), 12.0, &seeds);
}

fn cherries(hand: &mut Hand, color: Rgb) {
    hand.line(GREEN, 13.0, &[(185.0, 300.0), (220.0, 210.0), (285.0, 130.0)]);
    hand.line(GREEN, 13.0, &[(335.0, 320.0), (325.0, 220.0), (285.0, 130.0)]);
    hand.blob(color, (180.0, 330.0), (68.0, 66.0));
    hand.blob(color, (335.0, 350.0), (68.0, 66.0));
}

fn grapes(hand: &mut Hand, color: Rgb) {
    hand.line(BROWN, 16.0, &[(256.0, 170.0), (262.0, 105.0)]);
    hand.line(GREEN, 36.0, &[(275.0, 140.0), (335.0, 125.0)]);
    for (row, count) in [(200.0, 4), (255.0, 3), (310.0, 3), (360.0, 2), (405.0, 1)] {
        for i in 0..count {
            let shade = if (i + count) % 2 == 0 { color } else { darker(color) };
            hand.blob(shade, (256.0 + (i as f32 - (count - 1) as f32 / 2.0) * 60.0, row), (34.0, 34.0));
        }
    }
}

fn watermelon(hand: &mut Hand, color: Rgb) {
    hand.line(GREEN, 60.0, &arc((256.0, 200.0), (150.0, 150.0), 5.0, 175.0));
    for (y, half) in [(215.0, 125.0), (255.0, 112.0), (290.0, 80.0)] {
        hand.line(color, 50.0, &[(256.0 - half, y), (256.0 + half, y)]);
    }
    hand.dots(DARK, 14.0, &[(200.0, 230.0), (256.0, 240.0), (312.0, 230.0), (230.0, 280.0), (285.0, 280.0)]);
}

fn peach(hand: &mut Hand, color: Rgb) {
    hand.blob(color, (256.0, 285.0), (122.0, 115.0));
    hand.line(darker(color), 14.0, &arc((310.0, 285.0), (70.0, 100.0), 140.0, 220.0));
    hand.line(GREEN, 34.0, &[(256.0, 175.0), (310.0, 150.0)]);
    hand.line(GREEN, 34.0, &[(250.0, 175.0), (205.0, 155.0)]);
}

fn eggplant(hand: &mut Hand, color: Rgb) {
    hand.line(color, 110.0, &[(330.0, 200.0), (290.0, 260.0), (220.0, 320.0)]);
    hand.blob(color, (205.0, 325.0), (88.0, 82.0));
    hand.line(GREEN, 40.0, &[(320.0, 150.0), (375.0, 200.0)]);
    hand.line(GREEN, 22.0, &[(350.0, 170.0), (390.0, 120.0)]);
}

fn carrot(hand: &mut Hand, color: Rgb) {
    hand.line(color, 84.0, &[(310.0, 210.0), (270.0, 255.0)]);
    hand.line(color, 60.0, &[(270.0, 255.0), (215.0, 315.0)]);
    hand.line(color, 34.0, &[(215.0, 315.0), (140.0, 395.0)]);
    for end in [(330.0, 110.0), (375.0, 130.0), (400.0, 180.0)] {
        hand.line(GREEN, 24.0, &[(335.0, 180.0), end]);
    }
}

fn mushroom(hand: &mut Hand, color: Rgb) {
    hand.line(WHITE, 84.0, &[(256.0, 300.0), (256.0, 375.0)]);
    hand.line(color, 90.0, &arc((256.0, 270.0), (110.0, 85.0), 190.0, 350.0));
    hand.line(color, 80.0, &[(165.0, 250.0), (347.0, 250.0)]);
    hand.dots(WHITE, 36.0, &[(200.0, 215.0), (265.0, 185.0), (320.0, 235.0)]);
}

fn doughnut(hand: &mut Hand, color: Rgb) {
    hand.line(Rgb([205, 150, 90]), 96.0, &arc((256.0, 275.0), (92.0, 85.0), 0.0, 360.0));
    hand.line(color, 70.0, &arc((256.0, 265.0), (92.0, 82.0), 0.0, 360.0));
}

fn cookie(hand: &mut Hand, color: Rgb) {
    hand.blob(color, (256.0, 266.0), (130.0, 126.0));
    let chips = [(200.0, 210.0), (280.0, 195.0), (330.0, 260.0), (250.0, 280.0), (185.0, 300.0), (290.0, 345.0)];
    hand.dots(DARK, 30.0, &chips);
}

fn sunflower(hand: &mut Hand, color: Rgb) {
    hand.line(GREEN, 22.0, &[(256.0, 320.0), (256.0, 455.0)]);
    hand.line(GREEN, 34.0, &[(256.0, 410.0), (330.0, 375.0)]);
    for i in 0..10 {
        let angle = (i as f32 * 36.0).to_radians();
        let at = |r: f32| (256.0 + r * angle.cos(), 215.0 + r * angle.sin());
        hand.line(color, 46.0, &[at(70.0), at(125.0)]);
    }
    hand.blob(BROWN, (256.0, 215.0), (64.0, 64.0));
}

fn tulip(hand: &mut Hand, color: Rgb) {
    hand.line(GREEN, 22.0, &[(256.0, 270.0), (256.0, 455.0)]);
    hand.line(GREEN, 36.0, &[(256.0, 430.0), (320.0, 340.0)]);
    hand.line(GREEN, 36.0, &[(256.0, 430.0), (195.0, 340.0)]);
    hand.blob(color, (256.0, 210.0), (80.0, 75.0));
    for x in [195.0, 256.0, 317.0] {
        hand.line(color, 46.0, &[(256.0 + (x - 256.0) * 0.8, 190.0), (x, 120.0)]);
    }
}

fn cactus(hand: &mut Hand, color: Rgb) {
    hand.line(color, 92.0, &[(256.0, 130.0), (256.0, 400.0)]);
    hand.line(color, 56.0, &[(256.0, 300.0), (150.0, 290.0), (145.0, 210.0)]);
    hand.line(color, 56.0, &[(256.0, 260.0), (365.0, 250.0), (368.0, 160.0)]);
}

fn fish(hand: &mut Hand, color: Rgb) {
    hand.blob(color, (235.0, 262.0), (130.0, 85.0));
    hand.line(color, 60.0, &[(350.0, 262.0), (415.0, 200.0)]);
    hand.line(color, 60.0, &[(350.0, 262.0), (415.0, 325.0)]);
    hand.line(darker(color), 40.0, &[(220.0, 190.0), (280.0, 170.0)]);
    hand.dots(WHITE, 36.0, &[(165.0, 240.0)]);
    hand.dots(DARK, 18.0, &[(162.0, 240.0)]);
}

const RED: (&str, [u8; 3]) = ("red", [205, 45, 40]);
const YELLOW: (&str, [u8; 3]) = ("yellow", [250, 205, 60]);
const ORANGE: (&str, [u8; 3]) = ("orange", [245, 140, 40]);
const LIME: (&str, [u8; 3]) = ("green", [112, 176, 52]);
const BLUE: (&str, [u8; 3]) = ("blue", [60, 120, 215]);
const PURPLE: (&str, [u8; 3]) = ("purple", [130, 75, 180]);
const PINK: (&str, [u8; 3]) = ("pink", [240, 130, 170]);
const TAN: (&str, [u8; 3]) = ("brown", [196, 140, 80]);

const THINGS: [Thing; 20] = [
    Thing { name: "apple", usual: [LIME, RED], odd: BLUE, draw: apple },
    Thing { name: "pear", usual: [LIME, YELLOW], odd: PINK, draw: pear },
    Thing { name: "tangerine", usual: [ORANGE, ORANGE], odd: PURPLE, draw: tangerine },
    Thing { name: "lemon", usual: [YELLOW, YELLOW], odd: LIME, draw: lemon },
    Thing { name: "banana", usual: [YELLOW, YELLOW], odd: LIME, draw: banana },
    Thing { name: "tomato", usual: [RED, RED], odd: YELLOW, draw: tomato },
    Thing { name: "strawberry", usual: [RED, RED], odd: PURPLE, draw: strawberry },
    Thing { name: "cherries", usual: [RED, RED], odd: BLUE, draw: cherries },
    Thing { name: "grapes", usual: [PURPLE, PURPLE], odd: LIME, draw: grapes },
    Thing { name: "watermelon", usual: [RED, RED], odd: YELLOW, draw: watermelon },
    Thing { name: "peach", usual: [("orange", [250, 165, 110]), PINK], odd: LIME, draw: peach },
    Thing { name: "eggplant", usual: [PURPLE, PURPLE], odd: RED, draw: eggplant },
    Thing { name: "carrot", usual: [ORANGE, ORANGE], odd: PURPLE, draw: carrot },
    Thing { name: "mushroom", usual: [RED, RED], odd: BLUE, draw: mushroom },
    Thing { name: "doughnut", usual: [PINK, TAN], odd: BLUE, draw: doughnut },
    Thing { name: "cookie", usual: [TAN, TAN], odd: PINK, draw: cookie },
    Thing { name: "sunflower", usual: [YELLOW, YELLOW], odd: RED, draw: sunflower },
    Thing { name: "tulip", usual: [RED, PINK], odd: BLUE, draw: tulip },
    Thing { name: "cactus", usual: [LIME, LIME], odd: PINK, draw: cactus },
    Thing { name: "fish", usual: [BLUE, BLUE], odd: ORANGE, draw: fish },
];

fn main() -> anyhow::Result<()> {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        anyhow::bail!("say which folder the sketches should be written to");
    };
    std::fs::create_dir_all(&folder)?;
    let mut index = Vec::new();
    for (number, thing) in THINGS.iter().enumerate() {
        for variant in 0..3 {
            let (word, color) = if variant == 2 { thing.odd } else { thing.usual[variant] };
            let paper = if variant == 1 { Rgb([225, 228, 232]) } else { Rgb::WHITE };
            let mut hand = Hand::new(paper, variant, (number * 3 + variant) as u32 * 7919 + 17);
            (thing.draw)(&mut hand, Rgb(color));
            let layers = LayerStack::of_surface("Sketch", hand.sheet);
            let canvas = Canvas::composed(&layers, WHITE, Composition::Picture);
            let Some(picture) = image::RgbImage::from_raw(512, 512, canvas.to_rgb()) else {
                anyhow::bail!("a sketch of 512 by 512 pixels was expected");
            };
            let file = format!("{}-{variant}.png", thing.name);
            write_atomically(&folder.join(&file), &encode_png(&picture, None)?)?;
            let prompt = format!("photo of perfect {word} {}", thing.name);
            index.push(
                json!({"file": file, "thing": thing.name, "variant": variant, "prompt": prompt, "paper": paper.0}),
            );
        }
    }
    write_atomically(&folder.join("sketches.json"), &serde_json::to_vec_pretty(&index)?)?;
    println!("{} sketches in {}", index.len(), folder.display());
    Ok(())
}
