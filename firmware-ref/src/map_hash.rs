//! Hash of the register map: what register MAP_HASH holds.
//!
//! The first 32 bits of the SHA-256 of the map written as text, one line per register and one per
//! field, in the order of [`regs::MAP`]:
//!
//! ```text
//! NAME index count stride access reset
//!  FIELD lsb width
//! ```
//!
//! with `access` the variant's name, numbers in decimal, one space between items, one before a
//! field's name, and a line feed after every line. Explanations are left out, so that a better
//! sentence does not make an old module a stranger. Computed while compiling.

use crate::regs::{self, Access, Field, Register};

/// Hash of [`regs::MAP`].
pub const MAP_HASH: u32 = hash();

const fn hash() -> u32 {
    let mut sha = Sha256::new();
    let mut n = 0;
    while n < regs::MAP.len() {
        sha = register(sha, &regs::MAP[n]);
        n += 1;
    }
    sha.first_word()
}

const fn register(sha: Sha256, r: &Register) -> Sha256 {
    let sha = sha.text(r.name).byte(b' ').number(r.index as u32).byte(b' ');
    let sha = sha.number(r.count as u32).byte(b' ').number(r.stride as u32).byte(b' ');
    let mut sha = sha.text(access(r.access)).byte(b' ').number(r.reset).byte(b'\n');
    let mut n = 0;
    while n < r.fields.len() {
        sha = field(sha, &r.fields[n]);
        n += 1;
    }
    sha
}

const fn field(sha: Sha256, f: &Field) -> Sha256 {
    let sha = sha.byte(b' ').text(f.name).byte(b' ').number(f.lsb);
    sha.byte(b' ').number(f.width).byte(b'\n')
}

const fn access(access: Access) -> &'static str {
    match access {
        Access::Constant => "Constant",
        Access::ReadWrite => "ReadWrite",
        Access::ReadWriteAnyTime => "ReadWriteAnyTime",
        Access::Live => "Live",
        Access::WriteOneToClear => "WriteOneToClear",
        Access::Command => "Command",
    }
}

/// SHA-256 (FIPS 180-4) of a text that is given byte by byte.
struct Sha256 {
    state: [u32; 8],
    block: [u8; 64],
    len: usize,
}

impl Sha256 {
    const fn new() -> Self {
        Self { state: INITIAL, block: [0; 64], len: 0 }
    }

    const fn byte(mut self, byte: u8) -> Self {
        self.block[self.len % 64] = byte;
        self.len += 1;
        if self.len % 64 == 0 {
            self.state = compress(self.state, &self.block);
        }
        self
    }

    const fn text(mut self, text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut n = 0;
        while n < bytes.len() {
            self = self.byte(bytes[n]);
            n += 1;
        }
        self
    }

    const fn number(self, number: u32) -> Self {
        let sha = if number >= 10 { self.number(number / 10) } else { self };
        sha.byte(b'0' + (number % 10) as u8)
    }

    const fn first_word(self) -> u32 {
        let bits = (self.len as u64) * 8;
        let mut sha = self.byte(0x80);
        while sha.len % 64 != 56 {
            sha = sha.byte(0);
        }
        let length = bits.to_be_bytes();
        let mut n = 0;
        while n < 8 {
            sha = sha.byte(length[n]);
            n += 1;
        }
        sha.state[0]
    }
}

const fn compress(state: [u32; 8], block: &[u8; 64]) -> [u32; 8] {
    let mut w = [0u32; 64];
    let mut t = 0;
    while t < 64 {
        w[t] = if t < 16 {
            u32::from_be_bytes([block[4 * t], block[4 * t + 1], block[4 * t + 2], block[4 * t + 3]])
        } else {
            let (a, b) = (w[t - 15], w[t - 2]);
            let s0 = a.rotate_right(7) ^ a.rotate_right(18) ^ (a >> 3);
            let s1 = b.rotate_right(17) ^ b.rotate_right(19) ^ (b >> 10);
            w[t - 16].wrapping_add(s0).wrapping_add(w[t - 7]).wrapping_add(s1)
        };
        t += 1;
    }
    let mut v = state;
    let mut t = 0;
    while t < 64 {
        v = round(v, K[t].wrapping_add(w[t]));
        t += 1;
    }
    let mut n = 0;
    while n < 8 {
        v[n] = v[n].wrapping_add(state[n]);
        n += 1;
    }
    v
}

const fn round([a, b, c, d, e, f, g, h]: [u32; 8], kw: u32) -> [u32; 8] {
    let s1 = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
    let choice = (e & f) ^ (!e & g);
    let t1 = h.wrapping_add(s1).wrapping_add(choice).wrapping_add(kw);
    let s0 = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
    let majority = (a & b) ^ (a & c) ^ (b & c);
    [t1.wrapping_add(s0.wrapping_add(majority)), a, b, c, d.wrapping_add(t1), e, f, g]
}

const INITIAL: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

#[rustfmt::skip]
const K: [u32; 64] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
    0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
    0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
    0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
    0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
    0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
];

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{format, string::String};
    use sha2::Digest;

    #[test]
    fn equals_the_sha_256_of_the_text_in_the_documentation() {
        let mut text = String::new();
        for r in regs::MAP {
            let Register { name, index, count, stride, access, reset, .. } = r;
            text += &format!("{name} {index} {count} {stride} {access:?} {reset}\n");
            for Field { name, lsb, width, .. } in r.fields {
                text += &format!(" {name} {lsb} {width}\n");
            }
        }
        let digest = sha2::Sha256::digest(text.as_bytes());
        assert_eq!(MAP_HASH.to_be_bytes(), digest[..4]);
    }
}
