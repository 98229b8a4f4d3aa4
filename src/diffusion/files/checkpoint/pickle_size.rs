//! How large and how deep the objects of a pickle would become, before any of them is made.
//!
//! A pickle of a few hundred bytes can name gigabytes: a text that claims to be long, or a tuple of two
//! copies of a tuple of two copies and so on. This follows its operations with nothing but sizes.

use std::collections::HashMap;

/// What all objects may take together, in bytes; those of Stable Diffusion take a few megabytes.
const MOST: usize = 256 << 20;
/// How deep they may lie in each other; those of Stable Diffusion lie six deep.
const DEEPEST: usize = 64;
/// About what one object takes, without what it holds.
const OBJECT: usize = 64;

#[derive(Clone, Copy)]
struct ObjectSize {
    bytes: usize,
    depth: usize,
    mark: bool,
}

impl ObjectSize {
    fn of(bytes: usize) -> Self {
        Self { bytes: OBJECT.saturating_add(bytes), depth: 1, mark: false }
    }

    /// With others put into it.
    fn holding(self, others: &[Self]) -> Self {
        let bytes = others.iter().fold(self.bytes, |bytes, other| bytes.saturating_add(other.bytes));
        let depth = others.iter().map(|other| other.depth + 1).fold(self.depth, usize::max);
        Self { bytes, depth, mark: false }
    }
}

/// Says what is wrong with a pickle that would take too much. One that is damaged, or does what is not
/// known here, is left to its reader, which stops at the same place.
pub(super) fn check(pickle: &[u8]) -> Result<(), &'static str> {
    let mut walk = Walk { rest: pickle, stack: Vec::new(), memo: HashMap::new(), copied: 0 };
    while let Some(()) = walk.step()? {}
    Ok(())
}

struct Walk<'a> {
    rest: &'a [u8],
    stack: Vec<ObjectSize>,
    memo: HashMap<u32, ObjectSize>,
    /// Bytes of all that was copied into the memo and out of it.
    copied: usize,
}

impl Walk<'_> {
    /// One operation; `None` where there is nothing more to follow.
    fn step(&mut self) -> Result<Option<()>, &'static str> {
        let Some(code) = self.number(1) else { return Ok(None) };
        let done = match code as u8 {
            0x80 => self.skip(1),
            b'c' => self.global(),
            b'K' => self.skip(1).and_then(|()| self.push(ObjectSize::of(0))),
            b'M' => self.skip(2).and_then(|()| self.push(ObjectSize::of(0))),
            b'J' => self.skip(4).and_then(|()| self.push(ObjectSize::of(0))),
            b'G' => self.skip(8).and_then(|()| self.push(ObjectSize::of(0))),
            // The reader takes `d` for an empty dictionary, so that is what it is here.
            b'N' | b')' | b']' | b'}' | b'd' | 0x88 | 0x89 => self.push(ObjectSize::of(0)),
            b'(' => self.push(ObjectSize { mark: true, ..ObjectSize::of(0) }),
            b'X' => {
                let Some(length) = self.number(4) else { return Ok(None) };
                if length > self.rest.len() {
                    return Err("a text in it is longer than all of it");
                }
                self.skip(length).and_then(|()| self.push(ObjectSize::of(length)))
            }
            0x8a => {
                let Some(length) = self.number(1) else { return Ok(None) };
                if length > 8 {
                    return Err("a number in it has more than 64 bits");
                }
                self.skip(length).and_then(|()| self.push(ObjectSize::of(0)))
            }
            b'Q' | 0x85 => self.join(1),
            b'b' | b'R' | 0x81 | 0x86 => self.join(2),
            0x87 => self.join(3),
            b't' => self.above_mark().and_then(|held| self.push(ObjectSize::of(0).holding(&held))),
            b'a' => self.put_in(1),
            b's' => self.put_in(2),
            b'e' | b'u' => self.above_mark().and_then(|held| {
                let last = self.stack.last_mut()?;
                *last = last.holding(&held);
                Some(())
            }),
            b'q' => self.number(1).and_then(|id| self.remember(id)),
            b'r' => self.number(4).and_then(|id| self.remember(id)),
            b'h' => self.number(1).and_then(|id| self.recall(id)),
            b'j' => self.number(4).and_then(|id| self.recall(id)),
            _ => None,
        };
        let top = self.stack.last().copied().unwrap_or(ObjectSize::of(0));
        if top.depth > DEEPEST {
            return Err("its objects lie too deep in each other");
        }
        if self.copied.saturating_add(top.bytes) > MOST {
            return Err("its objects would fill the memory");
        }
        Ok(done)
    }

    fn skip(&mut self, count: usize) -> Option<()> {
        self.rest = self.rest.get(count..)?;
        Some(())
    }

    /// A number of so many bytes, the lowest first.
    fn number(&mut self, bytes: usize) -> Option<usize> {
        let value = self.rest.get(..bytes)?.iter().rev().fold(0, |value, byte| value << 8 | usize::from(*byte));
        self.skip(bytes)?;
        Some(value)
    }

    /// Two names, each to the end of its line.
    fn global(&mut self) -> Option<()> {
        let mut length = 0;
        for _ in 0..2 {
            let end = self.rest.iter().position(|byte| *byte == b'\n')?;
            length += end;
            self.skip(end + 1)?;
        }
        self.push(ObjectSize::of(length))
    }

    fn push(&mut self, size: ObjectSize) -> Option<()> {
        self.stack.push(size);
        Some(())
    }

    /// The last `count` become one.
    fn join(&mut self, count: usize) -> Option<()> {
        let held = self.stack.split_off(self.stack.len().checked_sub(count)?);
        self.push(ObjectSize::of(0).holding(&held))
    }

    /// The last `count` go into the one before them.
    fn put_in(&mut self, count: usize) -> Option<()> {
        let held = self.stack.split_off(self.stack.len().checked_sub(count)?);
        let last = self.stack.last_mut()?;
        *last = last.holding(&held);
        Some(())
    }

    /// All above the last mark, which goes too.
    fn above_mark(&mut self) -> Option<Vec<ObjectSize>> {
        let mark = self.stack.iter().rposition(|size| size.mark)?;
        let held = self.stack.split_off(mark + 1);
        self.stack.pop();
        Some(held)
    }

    fn remember(&mut self, id: usize) -> Option<()> {
        let size = *self.stack.last()?;
        self.copied = self.copied.saturating_add(size.bytes);
        self.memo.insert(id as u32, size);
        Some(())
    }

    fn recall(&mut self, id: usize) -> Option<()> {
        let size = *self.memo.get(&(id as u32))?;
        self.copied = self.copied.saturating_add(size.bytes);
        self.push(size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_pickles_that_name_gigabytes_are_refused() {
        assert!(check(b"X\xff\xff\xff\xff").is_err_and(|e| e.contains("longer")));
        assert!(check(b"\x8a\x09\0\0\0\0\0\0\0\0\0.").is_err_and(|e| e.contains("64 bits")));
        assert!(check(b"\x8a\x02\0dd\x8a\x8a\x02\0QQQ").is_err_and(|e| e.contains("64 bits")));
        // A pair of pairs of pairs…, each remembered and taken out twice.
        let laughs: Vec<u8> = [b")q\0".to_vec(), b"0h\0h\0\x86q\0".repeat(40)].concat();
        let laughs: Vec<u8> = laughs.into_iter().filter(|byte| *byte != b'0').collect();
        assert!(check(&laughs).is_err_and(|e| e.contains("fill the memory")));
        let deep: Vec<u8> = [b")".to_vec(), vec![0x85; 5000]].concat();
        assert!(check(&deep).is_err_and(|e| e.contains("too deep")));
    }

    #[test]
    fn what_is_harmless_or_cut_short_is_left_to_the_reader() {
        for pickle in [&b"\x80\x02}q\0(X\x01\0\0\0aK\x01u."[..], b"", b"X\x01", b"\x85", b"zzz", b"u", b"a", b"t"] {
            assert_eq!(check(pickle), Ok(()), "{pickle:?}");
        }
    }
}
