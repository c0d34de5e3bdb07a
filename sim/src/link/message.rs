//! Putting requests together and taking replies apart.

use crate::SimError;

/// A command and its arguments.
pub(crate) struct Request {
    pub(crate) name: &'static str,
    bytes: Vec<u8>,
}

impl Request {
    /// A command without arguments so far; the name is for error messages.
    pub fn new(name: &'static str, opcode: u8) -> Self {
        let mut bytes = vec![0; 4];
        bytes.push(opcode);
        Request { name, bytes }
    }
    pub fn u8(&mut self, value: u8) -> &mut Self {
        self.raw(&[value])
    }
    pub fn u32(&mut self, value: u32) -> &mut Self {
        self.raw(&value.to_le_bytes())
    }
    pub fn u64(&mut self, value: u64) -> &mut Self {
        self.raw(&value.to_le_bytes())
    }
    pub fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        self.bytes.extend_from_slice(bytes);
        self
    }

    /// The request as it goes over the pipe.
    pub fn finish(mut self) -> Vec<u8> {
        let length = (self.bytes.len() - 4) as u32;
        self.bytes[..4].copy_from_slice(&length.to_le_bytes());
        self.bytes
    }
}

/// The results of a command, read from the front.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) command: &'static str,
    bytes: Vec<u8>,
    at: usize,
}

impl Reply {
    pub fn new(command: &'static str, bytes: Vec<u8>) -> Self {
        Reply { command, bytes, at: 0 }
    }
    pub fn u8(&mut self) -> Result<u8, SimError> {
        Ok(self.take::<1>()?[0])
    }
    pub fn u16(&mut self) -> Result<u16, SimError> {
        Ok(u16::from_le_bytes(self.take()?))
    }
    pub fn u32(&mut self) -> Result<u32, SimError> {
        Ok(u32::from_le_bytes(self.take()?))
    }
    pub fn u64(&mut self) -> Result<u64, SimError> {
        Ok(u64::from_le_bytes(self.take()?))
    }
    pub fn string(&mut self) -> Result<String, SimError> {
        let length = usize::from(self.u16()?);
        Ok(String::from_utf8_lossy(self.slice(length)?).into_owned())
    }
    /// Everything not read yet.
    pub fn rest(&self) -> &[u8] {
        &self.bytes[self.at..]
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], SimError> {
        let mut value = [0; N];
        value.copy_from_slice(self.slice(N)?);
        Ok(value)
    }

    fn slice(&mut self, length: usize) -> Result<&[u8], SimError> {
        let end = self.at + length;
        if end > self.bytes.len() {
            return Err(self.malformed());
        }
        let slice = &self.bytes[self.at..end];
        self.at = end;
        Ok(slice)
    }

    /// The error for a reply of the wrong shape.
    pub fn malformed(&self) -> SimError {
        let got = format!("{} bytes", self.bytes.len());
        SimError::Protocol { command: self.command, got }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_counts_what_follows_its_length() {
        let mut request = Request::new("test", 7);
        request.u8(1).u32(2).u64(3);
        let bytes = request.finish();
        assert_eq!(bytes[..6], [14, 0, 0, 0, 7, 1]);
        assert_eq!(bytes.len(), 18);
    }

    #[test]
    fn a_short_reply_is_an_error() {
        let mut reply = Reply::new("test", vec![1, 2, 3]);
        assert_eq!(reply.u16().unwrap(), 0x0201);
        assert_eq!(reply.rest(), [3]);
        assert!(reply.u64().unwrap_err().to_string().contains("3 bytes"));
    }
}
