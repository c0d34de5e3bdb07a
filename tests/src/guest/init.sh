#!/bin/busybox sh
# The first and only program of the virtual machine. The kernel passes PORT, where the computer
# serves USB/IP, and DATA and OPTIONS of a training. What each step printed goes to the second
# serial port, between a line that begins it and one that ends it with its exit code.

computer=10.0.2.2
serial=DEKU0001
# So that a program that hangs is a step that failed.
patience=240

step() {
    name=$1
    shift
    echo "@begin $name" >/dev/ttyS1
    timeout -s KILL $patience "$@" >/tmp/out 2>&1
    code=$?
    cat /tmp/out >/dev/ttyS1
    echo >/dev/ttyS1
    echo "@end $name $code" >/dev/ttyS1
}

# A file appears: the kernel has accepted a device.
appears() {
    for _ in $(seq 100); do
        ls $1 2>/dev/null && return 0
        usleep 100000
    done
    echo "there is no $1"
    return 1
}

begin() {
    export PATH=/bin
    /bin/busybox --install -s /bin
    mkdir -p /proc /sys /dev /tmp /run /var
    ln -s /run /var/run
    mount -t proc proc /proc
    mount -t sysfs sys /sys
    mount -t devtmpfs dev /dev
    stty -F /dev/ttyS1 raw -echo
    for module in /modules/*; do
        insmod "$module" || echo "cannot load $module" >/dev/console
    done
    ifconfig lo up
    ifconfig eth0 10.0.2.15 up
    chmod 755 /tmp
}

attach() {
    usbip --tcp-port "$PORT" attach -r $computer -b 1-1 && appears '/dev/ttyUSB0'
}

detach() {
    usbip detach -p 0
    for _ in $(seq 100); do
        [ -e /dev/ttyUSB0 ] || return 0
        usleep 100000
    done
    echo 'the serial port is still there'
    return 1
}

train() {
    deku train --data "$DATA" $OPTIONS --backend "usb:$1,hz=30000000" --out /tmp/model --json --quiet
}

# While the first one trains, a second one is told that the bridge is taken. The serial port goes
# when the first one has it.
contended() {
    train $serial >/tmp/said 2>&1 &
    while [ -e /dev/ttyUSB0 ]; do usleep 10000; done
    deku info --backend usb:$serial --json --quiet
    wait $!
    code=$?
    cat /tmp/said
    return $code
}

# As somebody whom no rule gives the device to.
visitor() {
    su visitor -c "$1"
}

# The steps are run by this script anew, so that each can be killed.
if [ $# -gt 0 ]; then
    "$@"
    exit
fi

begin
step kernel uname -r
step remote usbip --tcp-port "$PORT" list -r $computer
step attach /init attach
step list deku list --json
step train /init contended
step model base64 /tmp/model
step returned /init appears /dev/ttyUSB0
node=$(ls /dev/bus/usb/*/002)
chmod 600 "$node"
step denied-list /init visitor 'deku list --json'
step denied-train /init visitor "deku train --data $DATA $OPTIONS --backend usb:$serial --json --quiet"
chmod 664 "$node"
step detach /init detach
step missing /init train any
step attach-again /init attach
step unplugged /init train any
step gone deku list --json
poweroff -f
