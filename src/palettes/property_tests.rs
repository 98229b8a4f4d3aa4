//! Random palettes and random files.

use super::*;
use crate::paint::Rgb;

/// A small generator of random numbers, always the same ones.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % below.max(1)
    }

    fn text(&mut self) -> String {
        const LETTERS: [&str; 16] =
            ["a", "Z", "7", "#", ":", " ", "\t", "\n", "\r", "é", "緑", "\u{feff}", "\0", "\"", "🍏", "Untitled"];
        (0..self.next(12)).map(|_| LETTERS[self.next(LETTERS.len())]).collect()
    }

    fn palette(&mut self) -> Palette {
        let mut palette = Palette::new(&self.text());
        palette.set_columns(self.next(400));
        for _ in 0..self.next(40) {
            let color = Rgb(std::array::from_fn(|_| self.next(256) as u8));
            let name = self.text();
            palette.push(Swatch::new(color, &name));
        }
        palette
    }
}

#[test]
fn every_palette_comes_back_as_it_was_written() {
    let mut numbers = Numbers(1);
    for _ in 0..2000 {
        let palette = numbers.palette();
        let text = write_gpl(&palette);
        assert_eq!(read_gpl(text.as_bytes()).as_ref(), Ok(&palette), "{text:?}");
        assert_eq!(read_gpl(text.replace('\n', "\r\n").as_bytes()), Ok(palette), "{text:?}");
    }
}

#[test]
fn no_file_makes_the_reader_fail_badly() {
    let mut numbers = Numbers(2);
    let mut readable = 0;
    for _ in 0..4000 {
        let mut bytes = write_gpl(&numbers.palette()).into_bytes();
        for _ in 0..numbers.next(6) {
            let at = numbers.next(bytes.len());
            match numbers.next(4) {
                0 => bytes[at] = numbers.next(256) as u8,
                1 => bytes.truncate(at),
                2 => bytes.insert(at, b"0123456789 \t\n\r#:-\xff"[numbers.next(18)]),
                _ => {
                    let again: Vec<u8> = bytes[at..].to_vec();
                    bytes.extend(again);
                }
            }
            if bytes.is_empty() {
                break;
            }
        }
        match read_gpl(&bytes) {
            // What can be read can be written, and says the same then.
            Ok(palette) => {
                readable += 1;
                assert_eq!(read_gpl(write_gpl(&palette).as_bytes()), Ok(palette));
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
    assert!(readable > 500, "{readable} of the damaged files could be read");
}
