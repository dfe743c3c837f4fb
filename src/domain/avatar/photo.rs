//! Uploaded pictures: what is let in (spec §17.2), and smaller ones made from
//! them (§17.4).

use std::{io::Cursor, ops::RangeInclusive};

use bytes::Bytes;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, ImageResult, Limits, imageops::FilterType};

use crate::error::Code;

/// Size of the largest picture.
pub const BYTES_MAX: usize = 5_000_000;

/// Width and height of a picture.
const PIXELS: RangeInclusive<u32> = 256..=1024;

/// What a decoder may take for each thing that it unpacks: enough for the largest
/// picture with 16 bits for each of four channels, twice over.
const DECODER_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// A picture that can be shown.
#[derive(Clone, Debug)]
pub struct Photo(Bytes);

impl Photo {
    /// Looks at a picture: first at its size, then at its head, and only then at
    /// its pixels, which must all be there.
    ///
    /// # Errors
    /// In this order: `AVATAR_REQUIRED` for no bytes, `AVATAR_TOO_LARGE`,
    /// `AVATAR_INVALID_FORMAT`, `AVATAR_INVALID_DIMENSIONS`,
    /// `AVATAR_INVALID_IMAGE`.
    pub fn check(bytes: Bytes) -> Result<Self, Code> {
        if bytes.is_empty() {
            return Err(Code::AvatarRequired);
        }
        if bytes.len() > BYTES_MAX {
            return Err(Code::AvatarTooLarge);
        }
        let format = image::guess_format(&bytes).map_err(|_| Code::AvatarInvalidFormat)?;
        if !matches!(format, ImageFormat::Gif | ImageFormat::Jpeg | ImageFormat::Png) {
            return Err(Code::AvatarInvalidFormat);
        }
        // The head, too, can hold what unpacks to gigabytes.
        let mut head = ImageReader::with_format(Cursor::new(&bytes), format);
        let mut limits = Limits::default();
        limits.max_alloc = Some(DECODER_BYTES_MAX);
        head.limits(limits);
        let head = head.into_dimensions();
        let (width, height) = head.map_err(|_| Code::AvatarInvalidImage)?;
        if width != height || !PIXELS.contains(&width) {
            return Err(Code::AvatarInvalidDimensions);
        }
        decode(&bytes).map_err(|_| Code::AvatarInvalidImage)?;
        if format == ImageFormat::Jpeg && !is_whole_jpeg(&bytes) {
            return Err(Code::AvatarInvalidImage);
        }
        Ok(Self(bytes))
    }

    /// The bytes as they were sent.
    pub fn bytes(&self) -> &Bytes {
        &self.0
    }
}

/// Whether the end of the image comes after its last scan. The decoder makes grey
/// of what is missing.
fn is_whole_jpeg(bytes: &[u8]) -> bool {
    // Neither stands in a scan, where 0xFF is followed by 0.
    const SCAN: [u8; 2] = [0xFF, 0xDA];
    const END: [u8; 2] = [0xFF, 0xD9];
    let last = |marker| bytes.windows(2).rposition(|pair| pair == marker);
    last(SCAN) < last(END)
}

/// The picture, of a moving one the first, the right way up.
fn decode(bytes: &[u8]) -> ImageResult<DynamicImage> {
    let mut limits = Limits::default();
    limits.max_image_width = Some(*PIXELS.end());
    limits.max_image_height = Some(*PIXELS.end());
    limits.max_alloc = Some(DECODER_BYTES_MAX);
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format()?;
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    // Cameras turn the picture by a note beside it.
    let orientation = decoder.orientation()?;
    let mut picture = DynamicImage::from_decoder(decoder)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

/// A stored picture as a PNG of `size` by `size` pixels.
pub(super) fn render(bytes: &[u8], size: u32) -> ImageResult<Bytes> {
    let picture = decode(bytes)?.resize_exact(size, size, FilterType::CatmullRom);
    let mut png = Cursor::new(Vec::new());
    DynamicImage::from(picture.into_rgba8()).write_to(&mut png, ImageFormat::Png)?;
    Ok(png.into_inner().into())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn picture(width: u32, height: u32, format: ImageFormat) -> Bytes {
        let mut bytes = Cursor::new(Vec::new());
        let picture = DynamicImage::new_rgb8(width, height);
        picture.write_to(&mut bytes, format).unwrap();
        bytes.into_inner().into()
    }

    #[test]
    fn good_pictures_are_let_in_and_rendered() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif] {
            for side in [256, 1024] {
                let photo = Photo::check(picture(side, side, format)).unwrap();
                let png = render(photo.bytes(), 48).unwrap();
                assert_eq!(image::guess_format(&png).unwrap(), ImageFormat::Png);
                let small = image::load_from_memory(&png).unwrap();
                assert_eq!((small.width(), small.height()), (48, 48));
            }
        }
    }

    #[test]
    fn everything_else_is_refused() {
        let good = picture(256, 256, ImageFormat::Png);
        let mut large = good.to_vec();
        large.resize(BYTES_MAX + 1, 0);
        // The head says 256 pixels; the pixels are missing.
        let cut = good.slice(..60);
        let half = picture(256, 256, ImageFormat::Jpeg);
        let half = half.slice(..half.len() / 2);
        let svg = Bytes::from_static(b"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"256\" height=\"256\"/>");
        let webp = Bytes::from_static(b"RIFF\x24\0\0\0WEBPVP8 ");
        for (bytes, code) in [
            (Bytes::new(), Code::AvatarRequired),
            (large.into(), Code::AvatarTooLarge),
            (svg, Code::AvatarInvalidFormat),
            (webp, Code::AvatarInvalidFormat),
            (Bytes::from_static(b"x"), Code::AvatarInvalidFormat),
            (good.slice(..20), Code::AvatarInvalidImage),
            (cut, Code::AvatarInvalidImage),
            (half, Code::AvatarInvalidImage),
            (picture(255, 255, ImageFormat::Png), Code::AvatarInvalidDimensions),
            (picture(1025, 1025, ImageFormat::Jpeg), Code::AvatarInvalidDimensions),
            (picture(300, 299, ImageFormat::Gif), Code::AvatarInvalidDimensions),
        ] {
            assert_eq!(Photo::check(bytes).unwrap_err(), code);
        }
    }

    #[test]
    fn a_bomb_is_refused_by_its_head() {
        // 60,000 by 60,000 pixels in a few bytes: 14 GB if it were decoded.
        let mut bomb = picture(256, 256, ImageFormat::Png).to_vec();
        bomb[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
        bomb[20..24].copy_from_slice(&60_000_u32.to_be_bytes());
        // The checksum of the head must hold, or it is no picture at all.
        let sum = crc32(&bomb[12..29]);
        bomb[29..33].copy_from_slice(&sum.to_be_bytes());
        assert_eq!(Photo::check(bomb.into()).unwrap_err(), Code::AvatarInvalidDimensions);
    }

    /// The most memory that this process has had; 0 where nobody says.
    fn peak_kilobytes() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with("VmHWM"));
        let number = line.and_then(|line| line.split_whitespace().nth(1));
        number.and_then(|number| number.parse().ok()).unwrap_or(0)
    }

    #[test]
    fn a_bomb_in_the_head_is_not_unpacked() {
        // A colour profile of 400 MB of zeros, packed.
        let mut packer = flate2::write::ZlibEncoder::new(b"a\0\0".to_vec(), flate2::Compression::fast());
        for _ in 0..400 {
            packer.write_all(&vec![0; 1024 * 1024]).unwrap();
        }
        let profile = packer.finish().unwrap();
        let good = picture(256, 256, ImageFormat::Png);
        let mut chunk = [b"iCCP".as_slice(), &profile].concat();
        let sum = crc32(&chunk);
        chunk.extend_from_slice(&sum.to_be_bytes());
        let length = u32::try_from(profile.len()).unwrap().to_be_bytes();
        let bomb = [&good[..33], &length, &chunk, &good[33..]].concat();
        let before = peak_kilobytes();
        // Taken without its profile.
        let photo = Photo::check(bomb.into()).unwrap();
        assert!(render(photo.bytes(), 20).is_ok());
        let grown = peak_kilobytes() - before;
        assert!(grown < 200_000, "{grown} kB were taken");
    }

    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0_u32, |sum, byte| {
            (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
                if sum & 1 == 1 {
                    (sum >> 1) ^ 0xEDB8_8320
                } else {
                    sum >> 1
                }
            })
        })
    }

    #[test]
    fn fuzz_pictures() {
        let good = [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif].map(|format| picture(256, 256, format));
        bolero::check!()
            .with_type::<(u8, Vec<(u16, u8)>, u16)>()
            .for_each(|(which, changes, length)| {
                let good = &good[usize::from(*which) % good.len()];
                let mut bytes = crate::fuzz::changed(good, changes);
                bytes.truncate(usize::from(*length).max(1));
                if let Ok(photo) = Photo::check(bytes.into()) {
                    render(photo.bytes(), 48).expect("what is let in can be shown");
                }
            });
    }
}
