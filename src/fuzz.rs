//! What the fuzz targets share. Each stands beside the parser that it tries, as a
//! test whose name begins with `fuzz_`; `docs/fuzzing.md` says how they are run.

/// A text made of what the parser under test knows: a byte stands for the piece
/// of that number, or for itself if there are fewer. So bytes that a fuzzer
/// changes at random soon mean something.
pub fn text(bytes: &[u8], pieces: &[&str]) -> String {
    let mut text = String::new();
    for &byte in bytes {
        match pieces.get(usize::from(byte)) {
            Some(piece) => text.push_str(piece),
            None => text.push(char::from(byte)),
        }
    }
    text
}

/// A few bytes of `whole` changed: `changes` are places, modulo its length, and
/// what stands there then.
pub fn changed(whole: &[u8], changes: &[(u16, u8)]) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    for (place, byte) in changes {
        let place = usize::from(*place) % bytes.len();
        bytes[place] = *byte;
    }
    bytes
}
