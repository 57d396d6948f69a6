"""Reads the assembly of the RSA kernels: no branch and no address may depend on a number.

The kernels work on numbers in vector registers. General registers hold pointers, counts and the position in
the exponent, which are public. As long as no instruction carries anything from a vector, a mask or a number
in memory into a general register or the flags, no branch and no address can depend on one. So, in each kernel:

1. no general register or flag is written from a vector or mask register (vmovq, kmov, kortest, vptest …);
2. no general register is loaded from memory other than a fixed place on the stack that no vector is put to:
   there it was put from a general register;
3. no gather and no scatter, whose addresses are vectors;
4. no call other than those listed, and no indirect jump;
5. conditional jumps, sets and moves follow an instruction on general registers and constants.

It also holds the shape that makes them fast: a limit of vector registers put on the stack.
"""

import re
import sys

# Kernel: most stores of vectors to the stack. A compiler that spills more loses a quarter of the speed.
KERNELS = {
    "multiply": 24, "multiply_pairs": 40, "square": 16, "select": 0,
    "halves": 0, "sum": 0, "canonical": 60, "difference": 0, "join": 100,
}
CALLS = {"memset", "memcpy"}
VECTOR = re.compile(r"%([xyz]mm\d+|k[0-7])\b")
GENERAL = r"%(?:[re]?(?:ax|bx|cx|dx|si|di|bp|sp)|[abcd][lh]|(?:si|di|bp|sp)l|r(?:8|9|1[0-5])[dwb]?)"
CONDITIONAL = re.compile(r"(?!jmp)j[a-z]+|loop\w*|set[a-z]+|cmov[a-z]+")
SETS_FLAGS = re.compile(r"(add|sub|cmp|dec|inc|test|and|or|xor|neg|shl|shr|sar)[bwlq]?")
KEEPS_FLAGS = re.compile(r"(v\w+|mov\w*|lea[lq]?|nop\w*|push\w*|pop\w*)")


def functions(path):
    """Name of each kernel to its instructions, (mnemonic, operands)."""
    found, current = {}, None
    for line in open(path, encoding="utf-8"):
        label = re.match(r"(_ZN|_R)(\S*):", line)
        if label:
            name = re.search(r"4ifma(?:\d+kernels?)?\d+([a-z_]+?)(17h|B|E|$)", label[2])
            current = found.setdefault(name[1], []) if name and name[1] in KERNELS else None
        elif line.startswith("\t.cfi_endproc"):
            current = None
        elif current is not None and re.match(r"\t[a-z]", line):
            text = line.split("#")[0].strip()
            if text:
                mnemonic, _, operands = text.partition("\t")
                current.append((mnemonic, operands.strip()))
    return found


def split(operands):
    """Operands in the order of AT&T syntax: the last one is written."""
    return [operand.strip() for operand in re.split(r",(?![^(]*\))", operands) if operand.strip()]


def check(name, instructions):
    problems, stores, flags = [], 0, None
    vectors, scalars = [], []  # places on the stack: where vectors are put, where general registers come from
    for mnemonic, text in instructions:
        operands = split(text)
        target = operands[-1] if operands else ""
        shown = f"{mnemonic} {text}"
        general = re.fullmatch(GENERAL, target) is not None
        reads_vector = any(VECTOR.search(operand) for operand in operands[:-1])
        memory = [operand for operand in operands if "(" in operand]
        if "gather" in mnemonic or "scatter" in mnemonic:
            problems.append(f"its addresses are numbers: {shown}")
        if general and reads_vector or re.match(r"v?(kortest|ktest|ptest|testp|u?comis)", mnemonic):
            problems.append(f"a number leaves the vectors: {shown}")
        if any(VECTOR.search(operand) for operand in memory):
            problems.append(f"its address is a vector: {shown}")
        reads_memory = [operand for operand in operands[:-1] if "(" in operand]
        if mnemonic.startswith(("cmp", "test")):
            reads_memory = memory
        if not mnemonic.startswith(("v", "lea", "nop", "call", "prefetch", "kmov")):
            reads_memory += [target] if "(" in target and not mnemonic.startswith(("mov", "push", "nop")) else []
            for operand in reads_memory:
                place = re.fullmatch(r"(-?\d*)\(%rsp\)", operand)
                if place:
                    scalars.append((int(place[1] or 0), shown))
                else:
                    problems.append(f"a number in memory gets into a register or the flags: {shown}")
        if mnemonic.startswith("call"):
            if not any(re.search(rf"\b{call}\b", text) for call in CALLS):
                problems.append(f"it calls: {shown}")
        if mnemonic.startswith("jmp") and "*" in text:
            problems.append(f"an indirect jump: {shown}")
        if CONDITIONAL.fullmatch(mnemonic) and flags is None:
            problems.append(f"a condition of something else than a counter: {shown}")
        if SETS_FLAGS.fullmatch(mnemonic):
            flags = shown
        elif not (KEEPS_FLAGS.fullmatch(mnemonic) or CONDITIONAL.fullmatch(mnemonic)):
            flags = None
        if mnemonic.startswith("vmov") and re.search(r"\(%r[sb]p", target):
            stores += 1
            place = re.fullmatch(r"(-?\d*)\(%rsp\)", target)
            vectors.append(int(place[1] or 0) if place else None)
    # A vector at a place that is computed may be anywhere.
    problems += [f"a vector on the stack gets into a register or the flags: {shown}" for byte, shown in scalars
                 if any(place is None or place - 8 < byte < place + 64 for place in vectors)]
    if stores > KERNELS[name]:
        problems.append(f"{stores} vectors are put on the stack; {KERNELS[name]} are expected at most")
    jumps = sum(1 for mnemonic, _ in instructions if CONDITIONAL.fullmatch(mnemonic))
    products = sum(1 for mnemonic, _ in instructions if mnemonic.startswith("vpmadd52"))
    print(f"{name:<15} {len(instructions):>5} instructions, {products:>4} products, {jumps} conditional jumps, "
          f"{stores} vectors on the stack")
    return [f"{name}: {problem}" for problem in problems]


def main():
    found = functions(sys.argv[1])
    problems = [f"{name}: not found in the assembly" for name in KERNELS if not found.get(name)]
    for name, instructions in sorted(found.items()):
        problems += check(name, instructions)
    for problem in problems:
        print(f"error: {problem}", file=sys.stderr)
    sys.exit(1 if problems else 0)


main()
