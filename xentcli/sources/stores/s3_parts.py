"""Large objects of S3, sent in parts by boto3: an upload that fails, or is stopped, is taken back.

pyarrow can only leave it: its parts are no object, but they are stored and paid for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xentcli.sources.stores.store import ATTEMPTS, PART, timeout


def send_parts(options: Mapping[str, Any], key: str, path: str) -> bool:
    """Send a file, by the options of pyarrow's filesystem; False where boto3 is missing, or has no such options.

    Raises exceptions of boto3.
    """
    if options.get("role_arn") or options.get("anonymous") or options.get("proxy_options", {}).get("host"):
        return False
    try:
        import boto3
        from boto3.s3.transfer import TransferConfig
        from botocore.config import Config
    except ImportError:
        return False
    endpoint, scheme = options.get("endpoint_override") or None, options.get("scheme") or "https"
    virtual = endpoint is None or options.get("force_virtual_addressing")
    client = boto3.client(
        "s3",
        region_name=options.get("region") or None,
        endpoint_url=f"{scheme}://{endpoint}" if endpoint and "://" not in endpoint else endpoint,
        aws_access_key_id=options.get("access_key") or None,
        aws_secret_access_key=options.get("secret_key") or None,
        aws_session_token=options.get("session_token") or None,
        verify=options.get("tls_ca_file_path") or None,
        config=Config(
            connect_timeout=timeout(),
            read_timeout=timeout(),
            retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
            s3={"addressing_style": "auto" if virtual else "path"},
        ),
    )
    bucket, _, name = key.partition("/")
    with open(path, "rb") as file:
        parts = TransferConfig(multipart_threshold=PART, multipart_chunksize=PART)
        client.upload_fileobj(file, bucket, name, Config=parts)
    return True
