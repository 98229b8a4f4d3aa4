//! The picture in a server's answer.

use image::RgbImage;
use serde_json::Value;

use super::trouble::Trouble;
use crate::picture::{from_base64, read};

/// The picture of an answer, which must have this size in pixels. `None` if the server made none, as when it was
/// interrupted.
pub(super) fn picture_of(answer: &Value, size: (u32, u32)) -> Result<Option<RgbImage>, Trouble> {
    let Some(images) = answer["images"].as_array() else { return Err(Trouble::Nonsense("has no pictures".into())) };
    let Some(first) = images.first() else { return Ok(None) };
    let picture = decoded(first, size.0.max(size.1))
        .ok_or_else(|| Trouble::Nonsense("holds no picture that can be read".into()))?;
    if picture.dimensions() != size {
        let (width, height) = picture.dimensions();
        let text =
            format!("holds a picture of {width} by {height} pixels, and {} by {} were asked for", size.0, size.1);
        return Err(Trouble::Nonsense(text));
    }
    Ok(Some(picture))
}

/// A preview, if it can be read.
pub(super) fn preview_of(progress: &Value, most_side: u32) -> Option<RgbImage> {
    decoded(&progress["current_image"], most_side)
}

fn decoded(value: &Value, most_side: u32) -> Option<RgbImage> {
    let bytes = from_base64(value.as_str()?, most_side).ok()?;
    let picture = read(&bytes, "an answer").ok()?;
    // A header may say another size than the picture has.
    (picture.width().max(picture.height()) <= most_side).then_some(picture)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::{encode_png, to_base64};
    use serde_json::json;

    #[test]
    fn only_a_picture_of_the_right_size_is_taken() {
        let picture = RgbImage::from_pixel(16, 8, image::Rgb([9, 8, 7]));
        let answer = json!({"images": [to_base64(&encode_png(&picture, None).expect("a PNG"))]});
        assert_eq!(picture_of(&answer, (16, 8)), Ok(Some(picture)));
        assert_eq!(picture_of(&json!({"images": []}), (16, 8)), Ok(None));
        for (answer, size) in [
            (answer.clone(), (8, 8)),
            (answer, (32, 8)),
            (json!({"images": ["%%%"]}), (8, 8)),
            (json!({"images": [3]}), (8, 8)),
            (json!({"images": ["aGVsbG8="]}), (8, 8)),
            (json!({}), (8, 8)),
            (json!([]), (8, 8)),
        ] {
            assert!(matches!(picture_of(&answer, size), Err(Trouble::Nonsense(_))), "{answer}");
        }
    }
}
