#!/bin/sh
# Makes the keys of the four validators and the genesis block that names them, once, at deployment. Runs in the Besu
# image; /chain is the volume that all nodes read, /nodes/<n> the volume of one node alone. Nothing of it is ever
# committed: each deployment has a chain of its own.
#
# In earnest each validator belongs to another body: every body makes its own key (`besu public-key export-address`) and
# only the addresses come together in the genesis block. A chain run by one body detects rewriting, it prevents none.
#
# validators.json says who seals the chain's blocks, in the form of a trust file's chain.qbft; our node keeps no proof
# without their seals. After a vote that changed the set, add {"from_block": <first block of the new set>, "validators":
# [...]} at its end and give the verifiers a new trust file: an old one refuses the new blocks, and nothing else.
set -eu

CHAIN=${CHAIN:-/chain}
NODES=${NODES:-/nodes}
CONFIG=${CONFIG:-/config}

if [ -f "$CHAIN/genesis.json" ]; then
    echo "chain: keys and genesis block are there"
    exit 0
fi

scratch="$CHAIN/new"
rm -rf "$scratch"
besu operator generate-blockchain-config \
    --config-file="$CONFIG/qbft.json" --to="$scratch" --private-key-file-name=key

number=0
nodes=""
validators=""
for folder in "$scratch"/keys/*; do
    number=$((number + 1))
    cp "$folder/key" "$NODES/$number/key"
    chmod 600 "$NODES/$number/key"
    # An enode address carries the public key without its 0x; the host addresses are those of docker-compose.yml.
    public=$(sed 's/^0x//' "$folder/key.pub")
    validators="$validators${validators:+, }\"${folder##*/}\"" # named by account, so in ascending order
    nodes="$nodes${nodes:+,}\"enode://$public@172.30.199.1$number:30303\""
done
if [ "$number" -ne 4 ]; then
    echo "chain: $number validators instead of 4" >&2
    exit 1
fi

echo "[$nodes]" >"$CHAIN/static-nodes.json"
echo "[{\"from_block\": 0, \"validators\": [$validators]}]" >"$CHAIN/validators.json"
chown -R "${BESU_USER:-1000:1000}" "$NODES"
# The genesis block comes last: its presence says that everything else is complete.
mv "$scratch/genesis.json" "$CHAIN/genesis.json"
rm -rf "$scratch"
