"""A service of python3-zeroconf. `publish ADDRESS NAME PORT KEY`, until standard input ends; or `browse ADDRESS SECONDS`, one line for each found."""
import socket
import sys
import time

from zeroconf import ServiceBrowser, ServiceInfo, Zeroconf

SERVICE = "_athens-pool._tcp.local."


class Found:
    def __init__(self):
        self.told = set()

    def add_service(self, zc, kind, name):
        info = zc.get_service_info(kind, name, 3000)
        if info is not None and name not in self.told:
            self.told.add(name)
            text = " ".join(sorted(f"{k.decode()}={v.decode()}" for k, v in info.properties.items()))
            print(name, ",".join(sorted(info.parsed_addresses())), info.port, text, flush=True)

    update_service = add_service

    def remove_service(self, zc, kind, name):
        pass


zc = Zeroconf(interfaces=[sys.argv[2]])
if sys.argv[1] == "publish":
    _, _, address, name, port, key = sys.argv
    zc.register_service(ServiceInfo(
        SERVICE, f"{name}.{SERVICE}", addresses=[socket.inet_aton(address)], port=int(port), properties={"v": "1", "k": key}, server=f"{name}.local."))
    print("published", flush=True)
    sys.stdin.read()
    zc.unregister_all_services()
else:
    ServiceBrowser(zc, SERVICE, Found())
    time.sleep(float(sys.argv[3]))
zc.close()
