//! The idx files of the MNIST family, plain or gzipped.
//!
//! Layout: two zero bytes, element type (8 = unsigned byte), number of dimensions, then each
//! dimension as a big-endian 32-bit number, then the elements.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;

use crate::error::{Error, Result};

/// Nothing we read is larger; protects from a damaged header and from a gzip bomb.
const MAX_BYTES: usize = 1 << 30;
const UNSIGNED_BYTE: u8 = 8;

/// Contents of an idx file of unsigned bytes.
#[derive(Debug, PartialEq, Eq)]
pub struct Idx {
    /// Size of each dimension, outermost first.
    pub shape: Vec<usize>,
    /// The elements.
    pub bytes: Vec<u8>,
}

/// Reads `dir/name`, `dir/name.gz`, or either with the dot some mirrors use (`images.idx3-ubyte`).
pub fn read_named(dir: &Path, name: &str, dimensions: usize) -> Result<Idx> {
    read(&find(dir, name)?, dimensions)
}

fn find(dir: &Path, name: &str) -> Result<PathBuf> {
    let dotted = name.replacen("-idx", ".idx", 1);
    let names = [name.to_owned(), format!("{name}.gz"), dotted.clone(), format!("{dotted}.gz")];
    names.iter().map(|n| dir.join(n)).find(|p| p.is_file()).ok_or_else(|| {
        Error::input("data/missing", format!("no `{name}` or `{name}.gz` in `{}`", dir.display()))
            .cause("the directory after `mnist:` must hold the four idx files of the data set")
            .fix("put train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte (plain or .gz) there, or try `--data digits`, which needs no file")
    })
}

/// Reads one idx file with the given number of dimensions.
pub fn read(path: &Path, dimensions: usize) -> Result<Idx> {
    let bytes = unpacked(path)?;
    parse(&bytes, dimensions).map_err(|problem| {
        Error::input(
            "data/idx",
            format!("`{}` is not a usable idx file: {problem}", path.display()),
        )
        .cause("the file was cut off, damaged, or is of another kind")
        .fix("download it again; `train-images-idx3-ubyte` begins with the bytes 00 00 08 03")
    })
}

/// The bytes of a file, unpacked if it begins like a gzip file.
pub fn unpacked(path: &Path) -> Result<Vec<u8>> {
    let file = File::open(path).map_err(|e| Error::io(path, "open", &e))?;
    let mut head = BufReader::new(file);
    let gzip = std::io::BufRead::fill_buf(&mut head)
        .map_err(|e| Error::io(path, "read", &e))?
        .starts_with(&[0x1F, 0x8B]);
    let mut bytes = Vec::new();
    let limit = MAX_BYTES as u64 + 1;
    let outcome = if gzip {
        MultiGzDecoder::new(head).take(limit).read_to_end(&mut bytes)
    } else {
        head.take(limit).read_to_end(&mut bytes)
    };
    match outcome {
        Err(e) if gzip => {
            Err(Error::input("data/gzip", format!("`{}` cannot be unpacked: {e}", path.display()))
                .cause("the gzip stream is cut off or damaged; often an interrupted download")
                .fix("download the file again and compare its checksum; `gzip -t` must be silent"))
        }
        Err(e) => Err(Error::io(path, "read", &e)),
        Ok(_) if bytes.len() > MAX_BYTES => Err(Error::input(
            "data/too-large",
            format!("`{}` holds more than {MAX_BYTES} bytes", path.display()),
        )
        .cause("it is not one of the files of a data set")
        .fix("check what the file is")),
        Ok(_) => Ok(bytes),
    }
}

fn parse(bytes: &[u8], dimensions: usize) -> std::result::Result<Idx, String> {
    let [0, 0, kind, count, rest @ ..] = bytes else {
        return Err("it does not begin with two zero bytes".into());
    };
    if *kind != UNSIGNED_BYTE {
        return Err(format!("its elements are of type {kind:#04x}, not unsigned bytes (0x08)"));
    }
    if usize::from(*count) != dimensions {
        return Err(format!("it has {count} dimensions instead of {dimensions}"));
    }
    if rest.len() < 4 * dimensions {
        return Err("it ends inside its header".into());
    }
    let (sizes, elements) = rest.split_at(4 * dimensions);
    let shape: Vec<usize> = sizes
        .chunks_exact(4)
        .map(|c| u32::from_be_bytes([c[0], c[1], c[2], c[3]]) as usize)
        .collect();
    let expected = shape
        .iter()
        .try_fold(1usize, |product, &n| product.checked_mul(n))
        .filter(|&n| n <= MAX_BYTES)
        .ok_or_else(|| format!("its header promises {shape:?} elements"))?;
    if elements.len() != expected {
        return Err(format!(
            "its header promises {expected} elements, it holds {}",
            elements.len()
        ));
    }
    Ok(Idx { shape, bytes: elements.to_vec() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_header_promises() {
        let bytes = [0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6];
        let idx = parse(&bytes, 2).unwrap();
        assert_eq!((idx.shape, idx.bytes), (vec![2, 3], vec![1, 2, 3, 4, 5, 6]));
    }

    #[test]
    fn every_cut_is_refused() {
        let bytes = [0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6];
        for end in 0..bytes.len() {
            assert!(parse(&bytes[..end], 2).is_err(), "cut at {end}");
        }
    }

    #[test]
    fn absurd_sizes_are_refused() {
        let bytes = [0, 0, 8, 2, 255, 255, 255, 255, 255, 255, 255, 255];
        assert!(parse(&bytes, 2).unwrap_err().contains("promises"));
    }
}
