"""Passes connections to 127.0.0.2 on to the domain controller at 127.0.0.1: SMB as it is, LDAP frame by frame. See relay.sh."""
import os
import signal
import socket
import sys
import threading

folder, most = sys.argv[1], int(sys.argv[2])
lock = threading.Lock()
count = 0


def read(source, length):
    data = b""
    while len(data) < length:
        part = source.recv(length - len(data))
        if not part:
            raise EOFError
        data += part
    return data


def requests(source, sink):
    """Frames that a client sends: before it is signed in BER messages (0x30), after that SASL buffers with four bytes of length (RFC 4422, 3.7)."""
    global count
    while True:
        head = read(source, 2)
        if head[0] == 0x30:
            length = head[1]
            if length & 0x80:
                more = read(source, length & 0x7F)
                head, length = head + more, int.from_bytes(more, "big")
            sink.sendall(head + read(source, length))
            continue
        head += read(source, 2)
        sink.sendall(head + read(source, int.from_bytes(head, "big")))
        with lock:
            count += 1
            # Whole at any moment: this relay may be killed here.
            with open(folder + "/relay-count.new", "w") as file:
                file.write(str(count))
            os.replace(folder + "/relay-count.new", folder + "/relay-count")
            if count == most:
                # The controller has it and carries it out; the answer never arrives.
                os.kill(int(open(folder + "/relay-victim").read()), signal.SIGKILL)


def copy(source, sink):
    while data := source.recv(65536):
        sink.sendall(data)


def guard(what, *ends):
    try:
        what(*ends)
    except (EOFError, OSError):
        pass
    for end in ends:
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def serve(port):
    listener = socket.create_server(("127.0.0.2", port))
    ready.release()
    while True:
        client, _ = listener.accept()
        server = socket.create_connection(("127.0.0.1", port))
        threading.Thread(target=guard, args=(requests if port == 389 else copy, client, server), daemon=True).start()
        threading.Thread(target=guard, args=(copy, server, client), daemon=True).start()


ready = threading.Semaphore(0)
for port in (389, 445):
    threading.Thread(target=serve, args=(port,), daemon=True).start()
ready.acquire()
ready.acquire()
open(folder + "/relay-ready", "w").close()
threading.Event().wait()
