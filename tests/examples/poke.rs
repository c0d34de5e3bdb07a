//! Scratch.
use deku_sim::*; use embedded_hal::spi::SpiDevice;
fn crc8(b:&[u8])->u8{let mut c=0u8;for &x in b{c^=x;for _ in 0..8{c=if c&0x80!=0{(c<<1)^7}else{c<<1};}}c}
fn crc16(b:&[u8])->u16{let mut c=0xffffu16;for &x in b{c^=(x as u16)<<8;for _ in 0..8{c=if c&0x8000!=0{(c<<1)^0x1021}else{c<<1};}}c}
fn main(){ let r=deku_tests::bench::root().join("hdl"); let p=Build::new("deku_top").folder(r.join("nano")).unwrap().folder(r.join("primitives")).unwrap().folder(r.join("primitives/behavioural")).unwrap().trace(Trace::Vcd).run().unwrap(); let s=Simulator::start(&p,SimOptions{sck_hz:1_000_000,trace:std::env::args().nth(1).map(Into::into),..SimOptions::quick()}).unwrap(); s.run_cycles(400).unwrap();
 for (a,d) in [(0x0cu8,[0xde,0xad,0xbe,0xefu8]),(0x18,[0,0,2,0x11]),(0x40,[1,2,3,4])] { let h=[0x52u8,0,a,0,1]; let mut b=h.to_vec(); b.extend(d); let c=crc16(&b); let mut f=h.to_vec(); f.push(crc8(&h)); f.extend(d); f.extend(c.to_be_bytes()); f.resize(17,0); s.spi().transfer_in_place(&mut f).unwrap(); println!("W {a:02x}: {f:02x?}");
 let h=[0x31u8,0,a,0,1]; let mut f=h.to_vec(); f.push(crc8(&h)); f.resize(6+2+4+2,0); s.spi().transfer_in_place(&mut f).unwrap(); println!("R {a:02x}: {f:02x?}"); 
 let h=[0x31u8,0,0x11,0,1]; let mut f=h.to_vec(); f.push(crc8(&h)); f.resize(6+2+4+2,0); s.spi().transfer_in_place(&mut f).unwrap(); println!("E    : {f:02x?}"); } }
