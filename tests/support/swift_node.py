"""OpenStack Swift with its S3 interface, all of it in one process: account, container, object and proxy server.

Run by an interpreter that has Swift (`pip install swift`), as `python swift_node.py DIRECTORY PORT`. It says in a line
on which port S3 is spoken, and ends when its standard input does. Key id test:tester, secret testing.
"""

from __future__ import annotations

import array
import os
import sys
from pathlib import Path

import eventlet
from eventlet import wsgi

STORAGE = ("account", "container", "object")

SERVER = """
[DEFAULT]
devices = {directory}/devices
mount_check = false
swift_dir = {directory}
workers = 0
[pipeline:main]
pipeline = {server}-server
[app:{server}-server]
use = egg:swift#{server}
"""

PROXY = """
[DEFAULT]
swift_dir = {directory}
workers = 0
[pipeline:main]
pipeline = catch_errors cache s3api tempauth bulk slo dlo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
allow_account_management = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:1
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
[filter:bulk]
use = egg:swift#bulk
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
"""


def main(directory: Path, port: int) -> None:
    """Serve until standard input ends."""
    from swift.common import storage_policy, utils
    from swift.common.ring import RingData
    from swift.common.utils import config
    from swift.common.wsgi import loadapp

    utils.monkey_patch()
    (directory / "devices" / "d1").mkdir(parents=True, exist_ok=True)
    (directory / "swift.conf").write_text(
        "[swift-hash]\nswift_hash_path_suffix = test\n[storage-policy:0]\nname = one\ndefault = yes\n"
    )
    for module in (utils, config, storage_policy):
        module.SWIFT_CONF_FILE = str(directory / "swift.conf")
        module.HASH_PATH_SUFFIX, module.HASH_PATH_PREFIX = b"test", b""
    storage_policy.reload_storage_policies()
    sockets = {server: eventlet.listen(("127.0.0.1", 0)) for server in STORAGE}
    sockets["proxy"] = eventlet.listen(("127.0.0.1", port))
    for server in STORAGE:
        device = {
            "id": 0, "zone": 1, "region": 1, "device": "d1", "weight": 1.0, "meta": "", "ip": "127.0.0.1",
            "port": sockets[server].getsockname()[1], "replication_ip": "127.0.0.1",
            "replication_port": sockets[server].getsockname()[1],
        }  # fmt: skip
        RingData([array.array("H", [0, 0])], [device], 31).save(str(directory / f"{server}.ring.gz"))
    with open(os.devnull, "w") as nowhere:
        for server, listening in sockets.items():
            conf = directory / f"{server}.conf"
            template = PROXY if server == "proxy" else SERVER
            conf.write_text(template.format(directory=directory, server=server))
            eventlet.spawn(wsgi.server, listening, loadapp(str(conf)), nowhere, log_output=False)
        print(sockets["proxy"].getsockname()[1], flush=True)
        eventlet.tpool.execute(sys.stdin.read)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
