//! The files inside an OpenRaster file, which is a ZIP archive. Nothing is unpacked to the disk, and nothing is read
//! that is larger than it may be, whatever the archive says about itself.

use std::io::{self, Read, Seek, SeekFrom};

use flate2::Crc;
use flate2::read::DeflateDecoder;
use zip::{CompressionMethod, ZipArchive};

use super::error::Trouble;

/// What the file `mimetype` holds, which every archive has.
pub(super) const MIME_TYPE: &str = "image/openraster";
/// The longest archive, in bytes.
const MAX_ARCHIVE: u64 = 2 << 30;
/// How many files an archive can have.
const MAX_FILES: u16 = 10_000;
/// The record at the end of an archive: its mark and its length without the comment.
const END_MARK: &[u8; 4] = b"PK\x05\x06";
const END_LENGTH: u64 = 22;
const LONGEST_COMMENT: u64 = 1 << 16;

/// An open archive.
pub(super) struct Archive<R> {
    zip: ZipArchive<R>,
}

impl<R: Read + Seek> Archive<R> {
    /// Opens an archive and makes sure that it calls itself an OpenRaster picture.
    pub fn open(mut reader: R) -> Result<Self, Trouble> {
        check_end(&mut reader)?;
        let zip = ZipArchive::new(reader).map_err(|_| no_archive())?;
        let mut archive = Self { zip };
        let kind = archive.read("mimetype", 1000).map_err(|_| no_open_raster())?;
        match kind.trim_ascii() == MIME_TYPE.as_bytes() {
            true => Ok(archive),
            false => Err(no_open_raster()),
        }
    }

    /// The place of a file in the archive. Some programs begin names with a slash.
    fn number(&self, name: &str) -> Option<usize> {
        self.zip.index_for_name(name).or_else(|| self.zip.index_for_name(name.trim_start_matches('/')))
    }

    /// The bytes of a file in the archive, of which there may be `limit`.
    pub fn read(&mut self, name: &str, limit: u64) -> Result<Vec<u8>, Trouble> {
        let shown = quoted(name);
        if name.split(['/', '\\']).any(|part| part == "..") {
            return Err(Trouble::damaged(format!("it names {shown}, which is outside of the archive")));
        }
        let missing = || Trouble::damaged(format!("the file {shown} is missing in it"));
        let damaged = || Trouble::damaged(format!("the file {shown} in it is damaged"));
        let number = self.number(name).ok_or_else(missing)?;
        let file = self.zip.by_index_raw(number).map_err(|_| damaged())?;
        if file.encrypted() {
            return Err(Trouble::damaged(format!("the file {shown} in it is encrypted")));
        }
        let (length, sum, method) = (file.size(), file.crc32(), file.compression());
        let mut bytes = Vec::new();
        // The library is built without decompression, which no other archive here needs.
        let read = match method {
            CompressionMethod::Stored => file.take(limit.saturating_add(1)).read_to_end(&mut bytes),
            CompressionMethod::DEFLATE => {
                DeflateDecoder::new(file).take(limit.saturating_add(1)).read_to_end(&mut bytes)
            }
            _ => return Err(Trouble::damaged(format!("the file {shown} in it is compressed in an unusual way"))),
        };
        if bytes.len() as u64 > limit {
            let most = limit >> 20;
            return Err(Trouble::TooLarge(format!("the file {shown} in it has more than {most} MB")));
        }
        let mut found = Crc::new();
        found.update(&bytes);
        match read.is_ok() && bytes.len() as u64 == length && found.sum() == sum {
            true => Ok(bytes),
            false => Err(damaged()),
        }
    }
}

/// Refuses an archive of so many files that their list would fill the memory.
fn check_end<R: Read + Seek>(reader: &mut R) -> Result<(), Trouble> {
    let unreadable = |_: io::Error| Trouble::damaged("it cannot be read");
    let length = reader.seek(SeekFrom::End(0)).map_err(unreadable)?;
    if length > MAX_ARCHIVE {
        return Err(Trouble::TooLarge(format!("the file has more than {} GB", MAX_ARCHIVE >> 30)));
    }
    // The library looks a little further back than the format allows.
    let start = length.saturating_sub(END_LENGTH + LONGEST_COMMENT + 1000);
    reader.seek(SeekFrom::Start(start)).map_err(unreadable)?;
    let mut end = Vec::new();
    reader.take(length - start).read_to_end(&mut end).map_err(unreadable)?;
    // There can be several such records; which one counts is for the library to say.
    for record in end.windows(END_LENGTH as usize).filter(|record| record.starts_with(END_MARK)) {
        let files = u16::from_le_bytes([record[10], record[11]]);
        let is_64 = record[12..20].chunks_exact(4).any(|field| field == [255; 4]);
        if files > MAX_FILES || is_64 {
            return Err(Trouble::TooLarge(format!("it has more than {MAX_FILES} files inside")));
        }
    }
    Ok(())
}

fn no_archive() -> Trouble {
    Trouble::damaged("it is not a whole ZIP archive, so it is damaged or incomplete")
}

fn no_open_raster() -> Trouble {
    Trouble::damaged("it is a ZIP archive and not an OpenRaster picture")
}

/// A name from a file, short and harmless enough for a message.
pub(super) fn quoted(name: &str) -> String {
    let mut shown: String = name.chars().filter(|c| !c.is_control()).take(80).collect();
    if shown.len() < name.len() {
        shown.push('…');
    }
    format!("“{shown}”")
}
