//! The connection to the simulation process; sim/cpp/wire.h is the other end.

mod child;
mod message;

pub(crate) use child::Child;
pub(crate) use message::{Reply, Request};

/// Version of the messages, checked at the start.
pub(crate) const PROTOCOL: u32 = 1;

/// Commands, as in `Opcode` in harness.cpp.
pub(crate) mod op {
    pub const HELLO: u8 = 0x01;
    pub const RESET: u8 = 0x02;
    pub const RESET_PIN: u8 = 0x03;
    pub const RUN: u8 = 0x04;
    pub const RUN_UNTIL: u8 = 0x05;
    pub const ADVANCE: u8 = 0x06;
    pub const SET_CLOCK: u8 = 0x07;
    pub const PINS: u8 = 0x08;
    pub const SPI_TIMING: u8 = 0x10;
    pub const SPI_TRANSFER: u8 = 0x11;
    pub const SPI_LINE: u8 = 0x12;
    pub const UART_BIT_TIME: u8 = 0x20;
    pub const UART_SEND: u8 = 0x21;
    pub const UART_TAKE: u8 = 0x22;
    pub const UART_RUN: u8 = 0x23;
    pub const UART_FLUSH: u8 = 0x24;
    pub const UART_CLEAR: u8 = 0x25;
    pub const STATS: u8 = 0x30;
    pub const STATS_RESET: u8 = 0x31;
    pub const LIST: u8 = 0x40;
    pub const PEEK: u8 = 0x41;
    pub const POKE: u8 = 0x42;
    pub const TRACE_ON: u8 = 0x50;
    pub const TRACE_OFF: u8 = 0x51;
    pub const FAULT_PLAN: u8 = 0x60;
}
