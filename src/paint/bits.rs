//! One bit for each pixel of a picture, so that 64 pixels of a row are looked at at once.

use std::ops::Range;

use super::Size;

/// Pixels in one word: as many as a tile has in a row, so that words and tiles begin at the same columns.
pub(super) const WORD: usize = 64;

/// One bit for each pixel, row by row. The bits beyond the right edge are 0.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Bits {
    size: Size,
    /// Words of one row.
    across: usize,
    words: Vec<u64>,
}

impl Bits {
    /// All bits 0.
    pub fn new(size: Size) -> Self {
        let across = size.width().div_ceil(WORD);
        Self { size, across, words: vec![0; across * size.height()] }
    }

    /// Width and height in pixels.
    pub fn size(&self) -> Size {
        self.size
    }

    /// Width in pixels.
    pub fn width(&self) -> usize {
        self.size.width()
    }

    /// Height in pixels.
    pub fn height(&self) -> usize {
        self.size.height()
    }

    /// How many words a row has.
    pub fn across(&self) -> usize {
        self.across
    }

    /// The words of a row.
    pub fn row(&self, y: usize) -> &[u64] {
        &self.words[y * self.across..(y + 1) * self.across]
    }

    /// The words of a row, to be changed. Bits beyond the right edge must stay 0.
    pub fn row_mut(&mut self, y: usize) -> &mut [u64] {
        &mut self.words[y * self.across..(y + 1) * self.across]
    }

    /// All words, row by row, to be changed. Bits beyond the right edge must stay 0.
    pub fn words_mut(&mut self) -> &mut [u64] {
        &mut self.words
    }

    /// The bit of a pixel, which must lie inside.
    pub fn get(&self, x: usize, y: usize) -> bool {
        self.words[y * self.across + x / WORD] >> (x % WORD) & 1 == 1
    }

    /// Sets the bit of a pixel, which must lie inside.
    pub fn set(&mut self, x: usize, y: usize) {
        self.words[y * self.across + x / WORD] |= 1 << (x % WORD);
    }

    /// The longest run of ones in a row that holds a pixel, which is one of them.
    pub fn run_around(&self, x: usize, y: usize) -> Range<usize> {
        let row = self.row(y);
        let (mut word, bit) = (x / WORD, x % WORD);
        // Ones to the left of the pixel and at it.
        let ones = (row[word] << (WORD - 1 - bit)).leading_ones() as usize;
        let mut from = x + 1 - ones.min(bit + 1);
        while from.is_multiple_of(WORD) && word > 0 {
            word -= 1;
            let ones = row[word].leading_ones() as usize;
            from -= ones;
            if ones < WORD {
                break;
            }
        }
        let mut word = x / WORD;
        let mut to = x + (row[word] >> bit).trailing_ones() as usize;
        while to.is_multiple_of(WORD) && to > x && word + 1 < self.across {
            word += 1;
            let ones = row[word].trailing_ones() as usize;
            to += ones;
            if ones < WORD {
                break;
            }
        }
        from..to
    }

    /// The words of a run of pixels of a row, each with the bits of the run.
    pub fn words_of(run: Range<usize>) -> impl Iterator<Item = (usize, u64)> {
        let last = run.end.saturating_sub(1) / WORD;
        let words = if run.is_empty() { 0..0 } else { run.start / WORD..last + 1 };
        words.map(move |word| {
            let from = run.start.saturating_sub(word * WORD);
            let to = (run.end - word * WORD).min(WORD);
            (word, ones(from, to))
        })
    }
}

/// The word whose bits are 1 from one place to another; `to` is at most [`WORD`] and more than `from`.
fn ones(from: usize, to: usize) -> u64 {
    (!0 << from) & (!0 >> (WORD - to))
}

/// Calls a function with each longest run of ones in a sequence of words, from the first to the last.
pub(super) fn runs(words: impl Iterator<Item = u64>, mut run: impl FnMut(Range<usize>)) {
    let mut begun: Option<usize> = None;
    let mut at = 0;
    for word in words {
        let mut bit = 0;
        while bit < WORD {
            let rest = word >> bit;
            match begun {
                None if rest == 0 => break,
                None => {
                    bit += rest.trailing_zeros() as usize;
                    begun = Some(at + bit);
                }
                Some(from) => {
                    let ones = (rest.trailing_ones() as usize).min(WORD - bit);
                    bit += ones;
                    if bit < WORD {
                        run(from..at + bit);
                        begun = None;
                    }
                }
            }
        }
        at += WORD;
    }
    if let Some(from) = begun {
        run(from..at);
    }
}

/// Exchanges rows and columns of 64 by 64 bits; bit x of word y becomes bit y of word x.
pub(super) fn transpose(block: &mut [u64; WORD]) {
    let (mut half, mut mask) = (WORD / 2, u64::MAX >> (WORD / 2));
    while half > 0 {
        let mut at = 0;
        while at < WORD {
            let swapped = ((block[at] >> half) ^ block[at + half]) & mask;
            block[at] ^= swapped << half;
            block[at + half] ^= swapped;
            at = (at + half + 1) & !half;
        }
        half /= 2;
        mask ^= mask << half;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words of many runs, some of which go over their edges.
    fn words(count: usize, seed: u64) -> Vec<u64> {
        let mut number = seed;
        let next = |_| {
            number ^= number << 13;
            number ^= number >> 7;
            number ^= number << 17;
            match number % 4 {
                0 => 0,
                1 => !0,
                2 => !0 << (number % 63),
                _ => number,
            }
        };
        (0..count).map(next).collect()
    }

    fn bit(words: &[u64], at: usize) -> bool {
        words.get(at / WORD).is_some_and(|word| word >> (at % WORD) & 1 == 1)
    }

    #[test]
    fn runs_are_the_longest_ones() {
        for seed in 1..200 {
            let words = words(5, seed * 0x9E37_79B9);
            let mut found = Vec::new();
            runs(words.iter().copied(), |run| found.push(run));
            let mut expected = Vec::new();
            let mut begun = None;
            for at in 0..=5 * WORD {
                match (begun, bit(&words, at)) {
                    (None, true) => begun = Some(at),
                    (Some(from), false) => {
                        expected.push(from..at);
                        begun = None;
                    }
                    _ => {}
                }
            }
            assert_eq!(found, expected);
            let size = Size::new(5 * WORD, 1).expect("a size");
            let mut bits = Bits::new(size);
            bits.row_mut(0).copy_from_slice(&words);
            for run in expected {
                for x in [run.start, (run.start + run.end) / 2, run.end - 1] {
                    assert_eq!(bits.run_around(x, 0), run);
                }
                let mut alone = Bits::new(size);
                Bits::words_of(run.clone()).for_each(|(word, ones)| alone.row_mut(0)[word] |= ones);
                assert!((0..5 * WORD).all(|x| alone.get(x, 0) == run.contains(&x)));
            }
        }
    }

    #[test]
    fn rows_and_columns_are_exchanged() {
        let mut block = [0; WORD];
        block.copy_from_slice(&words(WORD, 77));
        let before = block;
        transpose(&mut block);
        for (y, row) in before.iter().enumerate() {
            for (x, column) in block.iter().enumerate() {
                assert_eq!(column >> y & 1, row >> x & 1, "{x}, {y}");
            }
        }
        transpose(&mut block);
        assert_eq!(block, before);
    }
}
